import { fonteReservada } from '#domain/consolidacao.ts';
import { MOTIVOS_DO_PORTFOLIO } from '#domain/decisao.ts';
import type { Contadores } from '#domain/indicadores.ts';
import { decodeOrNull } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import { ensaiaInteracao } from '#platform/quarentena/ensaio.ts';
import { coordenada, type EmQuarentena, leLote, TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import type { PartesDaAuditoria } from '../auditoria.ts';

/**
 * Records, with the reason, that were set aside by the portfolio or the rulebook of then: what came of them since is
 * another record of the log.
 */
export interface PostosDeLado {
  /** By {@link coordenada}; null: an apuração that is no longer in force set it aside, and its copy is all that counts. */
  registros: Map<string, string | null>;
  /** What the consolidation derives, by id: the recount derives it itself. */
  derivadas: Map<string, string>;
}

/** What the log says is in quarantine. */
class LeituraDaQuarentena {
  readonly porMotivo: Contadores = new Map();
  readonly postosDeLado: PostosDeLado = { registros: new Map(), derivadas: new Map() };
  aguardandoReplay = 0;
  readonly #partes: PartesDaAuditoria;

  constructor(partes: PartesDaAuditoria) {
    this.#partes = partes;
  }

  posta({ id, registro: q }: EmQuarentena): void {
    const { resolucoes, apuracoes } = this.#partes;
    const resolvida = resolucoes.resolvida(id);
    const derivada = fonteReservada(q.source);
    if (q.apuracao !== apuracoes.emVigor) {
      if (resolvida && !derivada) this.#semEle(coordenada(q));
      return;
    }
    // Where it came back, the recount derives it as its copy was decided, once.
    if (derivada && resolvida) return;
    this.porMotivo.set(q.motivo, (this.porMotivo.get(q.motivo) ?? 0) + 1);
    // Without its bytes: it was too large to be classified, whatever it says.
    if (!resolvida && !MOTIVOS_DO_PORTFOLIO.has(q.motivo) && q.valor !== null) return;
    const { registros, derivadas } = this.postosDeLado;
    if (derivada) derivadas.set(q.id ?? '', q.motivo);
    else registros.set(coordenada(q), q.motivo);
    if (!resolvida && this.#seriaDecidida(q)) this.aguardandoReplay += 1;
  }

  /** The one in force may have set it aside too. */
  #semEle(onde: string): void {
    const { registros } = this.postosDeLado;
    if (!registros.has(onde)) registros.set(onde, null);
  }

  #seriaDecidida({ valor, recebidaEm }: Quarentena): boolean {
    const interacao = decodeOrNull(this.#partes.interacoes, valor);
    return interacao !== null && ensaiaInteracao(this.#partes, interacao, recebidaEm).resultado !== 'quarentena';
  }
}

/** What is in quarantine: how many by reason, those set aside for good, and those that today would be decided. */
export async function leQuarentena(partes: PartesDaAuditoria) {
  const { kafka, quarentenas, interacoes, resolucoes } = partes;
  await resolucoes.atualiza();
  const leitura = new LeituraDaQuarentena(partes);
  await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
    onBatch: async (lote) => {
      const postas = await leLote(quarentenas, lote);
      await interacoes.prepareIds(postas.map(({ registro }) => registro.valor));
      for (const posta of postas) leitura.posta(posta);
    },
  });
  return leitura;
}
