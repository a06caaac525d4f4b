import { type Analise, aceita, assistida } from './analise.ts';
import { erroDeContrato } from './contrato.ts';
import type { MotivoQuarentena } from './decisao.ts';
import { cnpjValido, PSEUDONIMO_PF, pjValida } from './documento.ts';
import type { Cliente } from './interacao.ts';

export interface Impedimento {
  motivo: MotivoQuarentena;
  detalhe: string;
}

export interface TesteDeQuarentena {
  motivos: readonly MotivoQuarentena[];
  /** What is asked, for a person. */
  pergunta: string;
  testa(a: Analise): Impedimento | null;
}

const achou = (motivo: MotivoQuarentena, detalhe: string): Impedimento => ({ motivo, detalhe });

function clienteInvalido({ pf, pj }: Cliente): Impedimento | null {
  if (pf !== null && !PSEUDONIMO_PF.test(pf)) {
    return achou('CPF_INVALIDO', 'cliente.pf não é um pseudônimo; envie pela porta HTTP ou pela biblioteca');
  }
  if (pj !== null && !pjValida(pj.id)) {
    return achou('CNPJ_INVALIDO', 'cliente.pj: dígitos verificadores não conferem; corrija o documento na origem');
  }
  return null;
}

/** The first document of an interaction that cannot be one, wherever it stands. */
function documentoInvalido(a: Analise): Impedimento | null {
  if (a.documentoInvalido) {
    const { motivo, campo } = a.documentoInvalido;
    return achou(motivo, `${campo}: dígitos verificadores não conferem; corrija o documento na origem`);
  }
  const { interacao: i } = a;
  const doCliente = i.cliente === null ? null : clienteInvalido(i.cliente);
  if (doCliente !== null) return doCliente;
  for (const { cliente } of i.participantes ?? []) {
    const doParticipante = clienteInvalido(cliente);
    if (doParticipante !== null) return doParticipante;
  }
  if (i.pjCriada !== null && !cnpjValido(i.pjCriada)) {
    return achou('CNPJ_INVALIDO', 'pjCriada: dígitos verificadores não conferem; corrija o documento na origem');
  }
  return null;
}

function semSolucao({ interacao: i, regra, tipo }: Analise): boolean {
  return i.solucaoId === null && regra?.exigeSolucao === true && tipo?.exigeSolucao === true;
}

function divergeDoPortfolio({ interacao: i, solucao, oferta }: Analise): Impedimento | null {
  if (oferta !== undefined && i.solucaoId !== null && oferta.solucaoId !== i.solucaoId) {
    return achou('TIPO_DIVERGE_DO_PORTFOLIO', `a oferta ${oferta.id} é da solução ${oferta.solucaoId}`);
  }
  if (solucao !== undefined && i.tipoSolucao !== null && solucao.tipoSolucao !== i.tipoSolucao) {
    return achou('TIPO_DIVERGE_DO_PORTFOLIO', `a solução ${solucao.id} é do tipo ${solucao.tipoSolucao}`);
  }
  return null;
}

/** Quarantine, table A of the rules: the record contradicts itself or the portfolio. The first that finds decides. */
export const TESTES_DE_QUARENTENA: readonly TesteDeQuarentena[] = [
  {
    motivos: ['ESQUEMA_INVALIDO'],
    pergunta: 'O registro tem os campos que o contrato exige?',
    testa({ interacao }) {
      const erro = erroDeContrato(interacao);
      return erro === null ? null : achou('ESQUEMA_INVALIDO', erro);
    },
  },
  {
    motivos: ['DATA_NO_FUTURO'],
    pergunta: 'A interação já aconteceu?',
    testa: ({ interacao: i, rulebook, registradaEm }) =>
      i.time > registradaEm + rulebook.toleranciaFuturoMin * 60_000
        ? achou('DATA_NO_FUTURO', `time está mais de ${rulebook.toleranciaFuturoMin} minutos à frente do registro`)
        : null,
  },
  {
    motivos: ['TIPO_DESCONHECIDO', 'CANAL_DESCONHECIDO'],
    pergunta: 'Tipo de solução e canal existem no rulebook?',
    testa({ interacao: i, tipo, modalidade, rulebook }) {
      if (i.tipoSolucao !== null && tipo === undefined) {
        return achou('TIPO_DESCONHECIDO', `'${i.tipoSolucao}' não é um tipo do rulebook ${rulebook.versao}`);
      }
      if (i.canal !== null && modalidade === null) {
        return achou('CANAL_DESCONHECIDO', `'${i.canal}' não é um canal do rulebook ${rulebook.versao}`);
      }
      return null;
    },
  },
  {
    motivos: ['CPF_INVALIDO', 'CNPJ_INVALIDO'],
    pergunta: 'Os documentos são válidos?',
    testa: documentoInvalido,
  },
  {
    motivos: ['SOLUCAO_DESCONHECIDA', 'DISPONIBILIZACAO_DESCONHECIDA'],
    pergunta: 'Solução e oferta nomeadas estão no portfólio?',
    testa({ interacao: i, solucao, oferta, portfolio }) {
      if (i.solucaoId !== null && solucao === undefined) {
        return achou('SOLUCAO_DESCONHECIDA', `cadastre a solução ${i.solucaoId} no portfólio ou corrija solucaoId`);
      }
      if (i.disponibilizacaoId === null) return null;
      if (oferta === undefined) {
        const saida = `cadastre a oferta ${i.disponibilizacaoId} no portfólio ou corrija disponibilizacaoId`;
        return achou('DISPONIBILIZACAO_DESCONHECIDA', saida);
      }
      return portfolio.solucao(oferta.solucaoId) === undefined
        ? achou('SOLUCAO_DESCONHECIDA', `a oferta ${oferta.id} é da solução ${oferta.solucaoId}, fora do portfólio`)
        : null;
    },
  },
  {
    motivos: ['TIPO_DIVERGE_DO_PORTFOLIO'],
    pergunta: 'O tipo é o da solução, e a oferta é dela?',
    testa: divergeDoPortfolio,
  },
  {
    motivos: ['INTERACAO_INCOMPATIVEL'],
    pergunta: 'A interação faz sentido para o tipo?',
    testa: (a) =>
      a.regra?.restrita === true && a.tipo !== undefined && !aceita(a)
        ? achou('INTERACAO_INCOMPATIVEL', `${a.interacao.tipoInteracao} não existe em ${a.interacao.tipoSolucao}`)
        : null,
  },
  {
    motivos: ['SOLUCAO_OBRIGATORIA'],
    pergunta: 'A solução do portfólio foi informada onde é exigida (RG-5)?',
    testa: (a) => (semSolucao(a) ? achou('SOLUCAO_OBRIGATORIA', 'informe solucaoId') : null),
  },
  {
    motivos: ['DISPONIBILIZACAO_OBRIGATORIA'],
    pergunta: 'A oferta foi informada onde é exigida?',
    testa: ({ interacao: i, regra }) =>
      regra?.exigeDisponibilizacao === true && i.disponibilizacaoId === null
        ? achou('DISPONIBILIZACAO_OBRIGATORIA', 'informe disponibilizacaoId')
        : null,
  },
  {
    motivos: ['CANAL_OBRIGATORIO'],
    pergunta: 'O canal foi informado numa interação que pode contar?',
    testa: ({ interacao: i, contagem }) =>
      contagem !== undefined && i.canal === null
        ? achou('CANAL_OBRIGATORIO', 'informe canal: dele vem a modalidade (RG-4)')
        : null,
  },
  {
    motivos: ['MODALIDADE_INCOMPATIVEL'],
    pergunta: 'O canal é de uma modalidade do tipo (RG-4)?',
    testa: ({ interacao: i, contagem, tipo, modalidade }) =>
      contagem !== undefined && modalidade !== null && tipo !== undefined && !tipo.modalidades.includes(modalidade)
        ? achou('MODALIDADE_INCOMPATIVEL', `o canal ${i.canal} é ${modalidade}, e ${i.tipoSolucao} não o é`)
        : null,
  },
  {
    motivos: ['PJ_OBRIGATORIA'],
    pergunta: 'Há uma PJ, quando o público é PJ?',
    testa: ({ interacao: i, contagem, tipo }) =>
      contagem !== undefined && tipo?.publico === 'pj' && i.cliente?.pj == null
        ? achou('PJ_OBRIGATORIA', 'informe cliente.pj: o público do tipo é PJ')
        : null,
  },
  {
    motivos: ['PJ_SEM_PF_VINCULADA'],
    pergunta: 'A PJ foi indicada por uma PF (RG-7)?',
    testa: ({ interacao: { cliente } }) =>
      cliente?.pj != null && cliente.pf === null && cliente.pj.vinculo !== 'enriquecimento'
        ? achou('PJ_SEM_PF_VINCULADA', 'informe cliente.pf, ou marque o vínculo como enriquecimento')
        : null,
  },
  {
    motivos: ['SEM_RESPONSAVEL'],
    pergunta: 'Há um profissional responsável, quando é assistida (RG-13)?',
    testa: (a) =>
      a.contagem !== undefined &&
      assistida(a) &&
      a.interacao.responsavel === null &&
      (a.oferta?.responsaveis ?? []).length === 0
        ? achou('SEM_RESPONSAVEL', 'informe responsavel na interação ou na oferta')
        : null,
  },
  {
    motivos: ['EXCLUSIVO_DO_SEBRAE_NACIONAL'],
    pergunta: 'O registro é de quem pode fazê-lo?',
    testa: ({ interacao: i, contagem }) =>
      contagem?.somenteUnidade !== undefined && contagem.somenteUnidade !== i.unidade
        ? achou('EXCLUSIVO_DO_SEBRAE_NACIONAL', `só a unidade ${contagem.somenteUnidade} registra ${i.tipoSolucao}`)
        : null,
  },
];
