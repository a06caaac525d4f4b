import type { DocumentoInvalido } from './analise.ts';
import { consolida } from './consolidacao.ts';
import { decide } from './decidir.ts';
import type { Decisao } from './decisao.ts';
import { decisaoSem, interacaoSem, lancamentosSem, NINGUEM_FORA, semDono } from './esquecimento.ts';
import type { Contadores } from './indicadores.ts';
import { type Interacao, topicoDe } from './interacao.ts';
import type { Lancamento } from './lancamento.ts';
import type { Portfolio } from './portfolio.ts';
import { type EstadoDaOferta, ofertaVazia, semParticipantes } from './presenca.ts';
import type { Rulebooks } from './rulebook.ts';

/** One record of `interacoes` or `presencas`, read. */
export interface Registro {
  interacao: Interacao;
  /** The broker's timestamp (ms); offline, the present. */
  registradaEm: number;
  /** False for a presence that came by another topic than `presencas`, where no consolidation sees it. */
  emPresencas?: boolean;
  documentoInvalido?: DocumentoInvalido | null;
  /** Of whom it names, who was forgotten before. */
  fora?: ReadonlySet<string>;
  /** Whose presences are no more, in whatever offer it is about. */
  semPresencas?: ReadonlySet<string>;
}

export interface OpcoesDaReclassificacao {
  /** Participations that wait in quarantine, by their id, with the reason. */
  derivadasPostasDeLado?: ReadonlyMap<string, string>;
  /** Which apuração this is: what is derived says so. Default: 0. */
  apuracao?: number;
}

/** The first half of a recount: every record decided anew, and every offer consolidated from its presences. */
export class Reclassificacao {
  /** Records in quarantine, by reason. */
  readonly quarentena: Contadores = new Map();
  readonly #ofertas = new Map<string, EstadoDaOferta>();
  /** By offer, who was forgotten there last: nobody of them comes again. */
  readonly #esquecidos = new Map<string, ReadonlySet<string>>();
  readonly #rulebooks: Rulebooks;
  readonly #portfolio: Portfolio;
  readonly #derivadasPostasDeLado: ReadonlyMap<string, string>;
  readonly #apuracao: number;

  constructor(
    rulebooks: Rulebooks,
    portfolio: Portfolio,
    { derivadasPostasDeLado = new Map(), apuracao = 0 }: OpcoesDaReclassificacao = {},
  ) {
    this.#rulebooks = rulebooks;
    this.#portfolio = portfolio;
    this.#derivadasPostasDeLado = derivadasPostasDeLado;
    this.#apuracao = apuracao;
  }

  /** What the rules say of a record; nothing is counted. */
  decisaoDe(registro: Registro): Decisao {
    const { interacao, registradaEm, documentoInvalido = null, fora = NINGUEM_FORA } = registro;
    const rulebook = this.#rulebooks.em(interacao.time);
    const decisao = decide({ interacao, registradaEm, documentoInvalido, rulebook, portfolio: this.#portfolio });
    return fora === NINGUEM_FORA ? decisao : decisaoSem({ interacao, fora }, decisao);
  }

  /** Takes one decided record. @returns its entries, and those of what the consolidation derives from it */
  lancamentos(registro: Registro, decisao: Decisao): Lancamento[] {
    const { interacao, registradaEm, emPresencas = true, fora = NINGUEM_FORA } = registro;
    const visto = { interacao, fora };
    if (decisao.resultado === 'quarentena') {
      this.contaQuarentena(decisao.motivo);
      return [];
    }
    const lancamentos = lancamentosSem(visto, decisao);
    if (!emPresencas || topicoDe(interacao) !== 'presencas' || interacao.disponibilizacaoId === null) {
      return lancamentos;
    }
    if (semDono(visto)) return lancamentos;
    const oferta = this.#oferta(interacao.disponibilizacaoId);
    const ctx = { rulebooks: this.#rulebooks, portfolio: this.#portfolio, registradaEm, apuracao: this.#apuracao };
    this.#esquece(oferta, registro.semPresencas);
    for (const derivada of consolida(oferta, interacaoSem(visto), ctx)) {
      const posta = this.#derivadasPostasDeLado.get(derivada.id);
      if (posta !== undefined) {
        this.contaQuarentena(posta);
        continue;
      }
      const dela = { interacao: derivada, registradaEm, emPresencas: false };
      lancamentos.push(...this.lancamentos(dela, this.decisaoDe(dela)));
    }
    return lancamentos;
  }

  /** Counts a record that is set aside, whatever would be decided of it today. */
  contaQuarentena(motivo: string): void {
    this.quarentena.set(motivo, (this.quarentena.get(motivo) ?? 0) + 1);
  }

  #esquece(oferta: EstadoDaOferta, quem = NINGUEM_FORA): void {
    const id = oferta.cabecalho.disponibilizacaoId;
    if (quem === NINGUEM_FORA || this.#esquecidos.get(id) === quem) return;
    semParticipantes(oferta, quem);
    this.#esquecidos.set(id, quem);
  }

  #oferta(id: string): EstadoDaOferta {
    const oferta = this.#ofertas.get(id) ?? ofertaVazia(id);
    this.#ofertas.set(id, oferta);
    return oferta;
  }
}
