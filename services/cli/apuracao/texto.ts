import type { Apuracoes, EstadoDaApuracao } from '#domain/apuracao.ts';
import { duracao, instante, numero } from '../formato.ts';
import { linhaDaEtapa as linhaDaReconstrucao } from '../reconstrucao/texto.ts';
import { tabela } from '../tabela.ts';
import type { Aplicacao, Etapa } from './em-curso.ts';

const DERIVACAO = 'Decidindo de novo a história, ao lado da linha';
const VIGENCIA = 'Pondo em vigor: ninguém decide por um instante…';

/** How far a step has come, in a line. */
export function linhaDaEtapa(etapa: Etapa, feito: number, total: number | null): string {
  switch (etapa) {
    case 'derivacao':
      return `${DERIVACAO}: ${numero(feito)} de ${numero(total ?? 0)}`;
    case 'vigencia':
      return VIGENCIA;
    case 'linha':
      return `Em vigor. A linha termina o que tinha a ler: faltam ${numero(feito)}`;
    default:
      return linhaDaReconstrucao(etapa, feito, total);
  }
}

/** What an application came to, for a person. */
export function textoDaAplicacao(a: Aplicacao): string {
  const { diferencas, paradoMs, viva } = a.troca;
  const clientes = diferencas.filter(({ onde }) => onde === 'cliente').length;
  const contadores = diferencas.length - clientes;
  return [
    `Em vigor: a apuração ${a.apuracao}. O rulebook ${a.versao} decide as interações desde ${instante(a.desde)}.`,
    `Registros decididos de novo: ${numero(a.registros)}; o BI recebeu outra decisão de ${numero(a.mudados)}.`,
    `Clientes com outra situação em algum ano: ${numero(clientes)}; contadores diferentes: ${numero(contadores)}.`,
    `Ninguém decidiu por ${duracao(a.paradaMs)}; o estado parou ${duracao(paradoMs)} para a troca (no ar: ${viva}).`,
    'Para desfazer, aplique o rulebook de antes. Confira com `atendido audit`.',
  ].join('\n');
}

/** An apuração without its rules, for whoever asks who applied what. */
export interface Historia {
  apuracao: number;
  estado: EstadoDaApuracao;
  /** Whether it is the one in force. */
  emVigor: boolean;
  versao: string;
  /** ISO 8601. */
  desde: string;
  por: string;
  /** ISO 8601. */
  em: string;
}

/** All apurações that were ever begun, the newest last. */
export function historicoDe(apuracoes: Pick<Apuracoes, 'todas' | 'emVigor'>): Historia[] {
  return apuracoes.todas().map((a) => ({
    apuracao: a.numero,
    estado: a.estado,
    emVigor: a.numero === apuracoes.emVigor,
    versao: a.versao,
    desde: new Date(a.desde).toISOString(),
    por: a.por,
    em: new Date(a.em).toISOString(),
  }));
}

const ESTADOS: Record<EstadoDaApuracao, string> = {
  'em-preparo': 'em preparo',
  anunciada: 'anunciada',
  'em-vigor': 'substituída',
  abandonada: 'abandonada',
};

export function textoDoHistorico(todas: readonly Historia[]): string {
  if (todas.length === 0) return 'Nenhum rulebook foi aplicado à história: decidem os arquivos do projeto.';
  const linhas = todas.map((h) => {
    const estado = h.emVigor ? 'em vigor' : ESTADOS[h.estado];
    return [String(h.apuracao), estado, h.versao, instante(h.desde), h.por, instante(h.em)];
  });
  return tabela(['apuração', 'estado', 'rulebook', 'decide desde', 'por', 'em'], 6, linhas);
}
