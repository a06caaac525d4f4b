import { apuracaoDaFonte } from '#domain/consolidacao.ts';
import type { Interacao } from '#domain/interacao.ts';
import { diaDe } from '#domain/tempo.ts';
import { REDECIDIDA } from '#platform/apuracoes.ts';
import type { DecisaoClassificada, InteracaoClassificada } from '#platform/codec-types.ts';
import { type Coluna, deFora, doCampo, lugar, type TipoDeColuna, type Valor } from './colunas.ts';

type Classificada = Coluna<InteracaoClassificada>;

function daInteracao(
  nome: string,
  tipo: TipoDeColuna,
  campo: string,
  valor: (interacao: Interacao) => Valor,
): Classificada {
  return doCampo(nome, tipo, `interacao.${campo}`, (c) => valor(c.interacao));
}

function daDecisao(
  nome: string,
  tipo: TipoDeColuna,
  campo: string,
  valor: (decisao: DecisaoClassificada, interacao: Interacao) => Valor,
): Classificada {
  return doCampo(nome, tipo, `decisao.${campo}`, (c) => valor(c.decisao, c.interacao));
}

const O_QUE_ACONTECEU: readonly Classificada[] = [
  daInteracao('source', 'VARCHAR', 'source', (i) => i.source),
  daInteracao('id', 'VARCHAR', 'id', (i) => i.id),
  daInteracao('tipo_interacao', 'VARCHAR', 'tipoInteracao', (i) => i.tipoInteracao),
  daInteracao('ocorrida_em', 'TIMESTAMPTZ', 'time', (i) => i.time),
  daInteracao('dia', 'DATE', 'time', (i) => diaDe(i.time)),
  daInteracao('unidade', 'VARCHAR', 'unidade', (i) => i.unidade),
  daInteracao('tipo_solucao', 'VARCHAR', 'tipoSolucao', (i) => i.tipoSolucao),
  daInteracao('solucao_id', 'VARCHAR', 'solucaoId', (i) => i.solucaoId),
  daInteracao('disponibilizacao_id', 'VARCHAR', 'disponibilizacaoId', (i) => i.disponibilizacaoId),
  daInteracao('canal', 'VARCHAR', 'canal', (i) => i.canal),
];

const COM_QUEM: readonly Classificada[] = [
  daInteracao('cliente_pf', 'VARCHAR', 'cliente.pf', (i) => i.cliente?.pf ?? null),
  daInteracao('cliente_pj', 'VARCHAR', 'cliente.pj.id', (i) => i.cliente?.pj?.id ?? null),
  daInteracao('pj_vinculo', 'VARCHAR', 'cliente.pj.vinculo', (i) => i.cliente?.pj?.vinculo ?? null),
  daInteracao(
    'nao_identificado_perfil',
    'VARCHAR',
    'cliente.naoIdentificado.perfil',
    (i) => i.cliente?.naoIdentificado?.perfil ?? null,
  ),
  daInteracao(
    'nao_identificado_quantidade',
    'INTEGER',
    'cliente.naoIdentificado.quantidade',
    (i) => i.cliente?.naoIdentificado?.quantidade ?? null,
  ),
  daInteracao('responsavel_id', 'VARCHAR', 'responsavel.id', (i) => i.responsavel?.id ?? null),
  daInteracao('responsavel_papel', 'VARCHAR', 'responsavel.papel', (i) => i.responsavel?.papel ?? null),
  daInteracao('intermediacao', 'VARCHAR', 'intermediacao', (i) => i.intermediacao),
];

const PROPRIAS_DE_CADA_TIPO: readonly Classificada[] = [
  daInteracao('momento', 'VARCHAR', 'momento', (i) => i.momento),
  daInteracao('momento_contabiliza', 'BOOLEAN', 'contabiliza', (i) => i.contabiliza),
  daInteracao('matricula_id', 'VARCHAR', 'matriculaId', (i) => i.matriculaId),
  daInteracao('sessao_id', 'VARCHAR', 'sessaoId', (i) => i.sessaoId),
  daInteracao('etapa', 'VARCHAR', 'etapa', (i) => i.etapa),
  daInteracao('contrato_id', 'VARCHAR', 'contratoId', (i) => i.contratoId),
  daInteracao('instituicao_financeira', 'VARCHAR', 'instituicaoFinanceira', (i) => i.instituicaoFinanceira),
  daInteracao('valor', 'DOUBLE', 'valor', (i) => i.valor),
  daInteracao('protocolo', 'VARCHAR', 'protocolo', (i) => i.protocolo),
  daInteracao('forma', 'VARCHAR', 'forma', (i) => i.forma),
  daInteracao('duracao_min', 'DOUBLE', 'duracaoMin', (i) => i.duracaoMin),
  daInteracao('duracao_total_min', 'DOUBLE', 'duracaoTotalMin', (i) => i.duracaoTotalMin),
  daInteracao('pj_criada', 'VARCHAR', 'pjCriada', (i) => i.pjCriada),
  daInteracao('presencas', 'INTEGER', 'presencas', (i) => i.presencas),
  daInteracao('etapas', 'INTEGER', 'etapas', (i) => i.etapas),
  daInteracao('frequencia', 'DOUBLE', 'frequencia', (i) => i.frequencia),
  daInteracao('papel', 'VARCHAR', 'papel', (i) => i.papel),
  // Each participant comes as a record of its own: here only how many there were.
  daInteracao('participantes', 'INTEGER', 'participantes', (i) => i.participantes?.length ?? null),
  daInteracao('conteudo_id', 'VARCHAR', 'conteudoId', (i) => i.conteudoId),
  daInteracao('natureza', 'VARCHAR', 'natureza', (i) => i.natureza),
  daInteracao('acao', 'VARCHAR', 'acao', (i) => i.acao),
  daInteracao('solicitado', 'BOOLEAN', 'solicitado', (i) => i.solicitado),
  daInteracao('causa', 'VARCHAR', 'causa', (i) => i.causa),
  daInteracao('finalidade', 'VARCHAR', 'finalidade', (i) => i.finalidade),
  daInteracao('contato_com_pessoa_certa', 'BOOLEAN', 'contatoComPessoaCerta', (i) => i.contatoComPessoaCerta),
  daInteracao('estornada_source', 'VARCHAR', 'estornada.source', (i) => i.estornada?.source ?? null),
  daInteracao('estornada_id', 'VARCHAR', 'estornada.id', (i) => i.estornada?.id ?? null),
];

/** The id where it is credited. */
const creditado = (creditos: readonly string[], id: string | null | undefined): string | null =>
  id != null && creditos.includes(id) ? id : null;

const O_QUE_SE_DECIDIU: readonly Classificada[] = [
  daDecisao('contabiliza', 'BOOLEAN', 'contabiliza', (d) => d.contabiliza),
  daDecisao('metrica', 'VARCHAR', 'metrica', (d) => d.metrica),
  daDecisao('motivo', 'VARCHAR', 'motivo', (d) => d.motivo),
  daDecisao('regra', 'VARCHAR', 'regra', (d) => d.regra),
  daDecisao('rulebook', 'VARCHAR', 'rulebook', (d) => d.rulebook),
  daDecisao('modalidade', 'VARCHAR', 'modalidade', (d) => d.modalidade),
  daDecisao('estrutura', 'VARCHAR', 'estrutura', (d) => d.estrutura),
  daDecisao('proposta_valor', 'VARCHAR', 'propostaValor', (d) => d.propostaValor),
  daDecisao('credito_pf', 'VARCHAR', 'creditos', (d, i) => creditado(d.creditos, i.cliente?.pf)),
  daDecisao('credito_pj', 'VARCHAR', 'creditos', (d, i) => creditado(d.creditos, i.cliente?.pj?.id)),
  daDecisao('chave', 'VARCHAR', 'chave', (d) => d.chave),
  daDecisao('apuracao', 'INTEGER', 'apuracao', (d) => d.apuracao),
  deFora('redecidida', 'BOOLEAN', ({ registro }) => registro.headers[REDECIDIDA] !== undefined),
  deFora('apuracao_que_derivou', 'INTEGER', ({ valor }) => apuracaoDaFonte(valor.interacao.source)),
];

/** Of `interacoes-contabilizadas` and `interacoes-nao-contabilizadas` alike. */
export const COLUNAS_DAS_INTERACOES: readonly Classificada[] = [
  ...O_QUE_ACONTECEU,
  ...COM_QUEM,
  ...PROPRIAS_DE_CADA_TIPO,
  ...O_QUE_SE_DECIDIU,
  ...lugar<InteracaoClassificada>(),
];
