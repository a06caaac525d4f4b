import { type Analise, duracaoDe, estudante, frequenciaDe, semCreditos } from './analise.ts';
import type { Metrica, MotivoNaoContabiliza } from './decisao.ts';

export interface NaoConta {
  motivo: MotivoNaoContabiliza;
  metrica: Metrica;
  /** null: none (ESTORNO); undefined: the type's clause. */
  regra?: string | null;
}

export interface TesteDeContagem {
  motivos: readonly MotivoNaoContabiliza[];
  /** What is asked, for a person. */
  pergunta: string;
  testa(a: Analise): NaoConta | null;
}

/** The metric of an interaction that does not count. */
function metricaDe(a: Analise): Metrica {
  return a.tipo?.nuncaContabiliza?.metrica ?? metricaDaInteracao(a);
}

/** The same, whatever the type. */
function metricaDaInteracao({ interacao, regra }: Analise): Metrica {
  const quando = regra?.metricaQuando;
  const valor = quando && interacao[quando.campo];
  if (quando !== undefined && valor != null && quando.valores.includes(valor)) return quando.metrica;
  return regra?.metrica ?? 'jornada';
}

function momentoConta({ interacao: i, contagem, solucao }: Analise): boolean {
  const momento = i.momento ?? '';
  if (contagem?.somenteMomentos !== undefined) return contagem.somenteMomentos.includes(momento);
  const doPortfolio = solucao?.momentos ?? {};
  return (Object.hasOwn(doPortfolio, momento) ? doPortfolio[momento] : i.contabiliza) === true;
}

const quando = (sim: boolean, a: Analise, motivo: MotivoNaoContabiliza): NaoConta | null =>
  sim ? { motivo, metrica: metricaDe(a) } : null;

/** What stops a count, tables B and C of the rules, in order. The first that finds decides; none: it counts. */
export const TESTES_DE_CONTAGEM: readonly TesteDeContagem[] = [
  {
    motivos: [
      'CADASTRO_OU_LOGIN',
      'CAMPANHA_ATIVA',
      'EMAIL_MARKETING',
      'COMERCIALIZACAO',
      'AUSENCIA',
      'CONTATO_IMPROCEDENTE',
      'ABANDONO',
      'CHECK_IN_AGUARDA_CONSOLIDACAO',
      'DISPONIBILIZACAO_CONSOLIDADA',
      'ESTORNO',
    ],
    pergunta: 'Nenhuma regra geral exclui a interação, seja qual for o tipo?',
    testa(a) {
      const geral = a.regra?.regraGeral;
      if (geral === undefined || a.contagem !== undefined) return null;
      // The general rule's own metric, not the type's: an active campaign about informacao is still a campaign.
      return { motivo: geral.motivo, metrica: metricaDaInteracao(a), regra: geral.regra };
    },
  },
  {
    motivos: ['INFORMACAO_NAO_CONTABILIZA', 'CONTEUDO_DE_ATRACAO'],
    pergunta: 'O tipo contabiliza atendimento?',
    testa(a) {
      const nunca = a.tipo?.nuncaContabiliza;
      if (nunca === undefined) return null;
      const porInteracao: Partial<Record<string, MotivoNaoContabiliza>> = nunca.motivoPorInteracao ?? {};
      return { motivo: porInteracao[a.interacao.tipoInteracao] ?? nunca.motivo, metrica: nunca.metrica };
    },
  },
  {
    motivos: ['CONTEUDO_NAO_SOLICITADO'],
    pergunta: 'O conteúdo enviado foi pedido pelo cliente?',
    testa: (a) =>
      quando(a.contagem?.somenteSolicitado === true && a.interacao.solicitado !== true, a, 'CONTEUDO_NAO_SOLICITADO'),
  },
  {
    motivos: ['MOMENTO_NAO_CONTABILIZA'],
    pergunta: 'O momento digital é um que contabiliza?',
    testa: (a) =>
      quando(a.interacao.tipoInteracao === 'momento-digital' && !momentoConta(a), a, 'MOMENTO_NAO_CONTABILIZA'),
  },
  {
    motivos: ['EVENTO_PATROCINADO'],
    pergunta: 'O evento é do Sebrae, e não patrocinado?',
    testa: (a) =>
      quando(a.contagem?.excluiPatrocinado === true && a.oferta?.patrocinado === true, a, 'EVENTO_PATROCINADO'),
  },
  {
    motivos: ['NAO_EXPOSITOR'],
    pergunta: 'Participou como expositor, quando só expositores contam?',
    testa: (a) =>
      quando(
        a.contagem?.somentePapel !== undefined && a.contagem.somentePapel !== a.interacao.papel,
        a,
        'NAO_EXPOSITOR',
      ),
  },
  {
    motivos: ['SEM_COMPROVACAO_DE_PARTICIPACAO'],
    pergunta: 'Há comprovação de participação (RG-2)?',
    testa(a) {
      if (a.interacao.tipoInteracao !== 'consolidacao-participacao') return null;
      const frequencia = frequenciaDe(a);
      const semFigura = frequencia === null && a.contagem?.exigeComprovacao === true;
      return quando(semFigura || frequencia === 0, a, 'SEM_COMPROVACAO_DE_PARTICIPACAO');
    },
  },
  {
    motivos: ['FREQUENCIA_ABAIXO_DA_MINIMA'],
    pergunta: 'A frequência alcança a mínima da solução?',
    testa(a) {
      const minima = a.solucao?.frequenciaMinima ?? null;
      if (a.interacao.tipoInteracao !== 'consolidacao-participacao' || minima === null) return null;
      const frequencia = frequenciaDe(a);
      return quando(frequencia !== null && frequencia < minima, a, 'FREQUENCIA_ABAIXO_DA_MINIMA');
    },
  },
  {
    motivos: ['DURACAO_ABAIXO_DA_MINIMA'],
    pergunta: 'A duração alcança a mínima do tipo?',
    testa(a) {
      const minima = a.contagem?.duracaoMinimaMin;
      if (minima === undefined) return null;
      const duracao = duracaoDe(a);
      const abaixo = duracao === null ? a.contagem?.exigeDuracao === true : duracao < minima;
      return quando(abaixo, a, 'DURACAO_ABAIXO_DA_MINIMA');
    },
  },
  {
    motivos: ['CLIENTE_NAO_IDENTIFICADO'],
    pergunta: 'Há um cliente a creditar, ou estudante da educação básica (RG-10)?',
    testa: (a) => quando(semCreditos(a) && !estudante(a), a, 'CLIENTE_NAO_IDENTIFICADO'),
  },
];
