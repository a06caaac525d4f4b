import type { Motivo } from './decisao.ts';

/** Every reason, in a sentence for the people who read it. docs/motivos.md carries the same; a test compares. */
const DESCRICOES: Readonly<Record<Motivo, string>> = {
  ESQUEMA_INVALIDO: 'O registro não pôde ser lido, ou falta um campo obrigatório, ou um campo tem o tipo errado.',
  DATA_NO_FUTURO: 'A data da interação está à frente do relógio que a registrou.',
  TIPO_DESCONHECIDO: 'O tipo de solução não existe no rulebook em vigor.',
  CANAL_DESCONHECIDO: 'O canal não existe no rulebook em vigor.',
  CPF_INVALIDO: 'O CPF não existe: os dígitos verificadores não conferem.',
  CNPJ_INVALIDO: 'O CNPJ não existe: os dígitos verificadores não conferem.',
  SOLUCAO_DESCONHECIDA: 'A solução informada não está no portfólio.',
  DISPONIBILIZACAO_DESCONHECIDA: 'A oferta (disponibilização) informada não está no portfólio.',
  TIPO_DIVERGE_DO_PORTFOLIO: 'O tipo informado não é o da solução, ou a oferta é de outra solução.',
  INTERACAO_INCOMPATIVEL: 'Esta interação não faz sentido para o tipo de solução.',
  SOLUCAO_OBRIGATORIA: 'Falta a solução do portfólio, exigida para este tipo.',
  DISPONIBILIZACAO_OBRIGATORIA: 'Falta a oferta (disponibilização), exigida nesta interação.',
  CANAL_OBRIGATORIO: 'Falta o canal, de onde vem a modalidade.',
  MODALIDADE_INCOMPATIVEL: 'O canal é de uma modalidade em que o tipo não é oferecido.',
  PJ_OBRIGATORIA: 'O público do tipo é PJ, e nenhuma foi informada.',
  PJ_SEM_PF_VINCULADA: 'A PJ foi informada sem a PF que a indica, e não por enriquecimento.',
  SEM_RESPONSAVEL: 'A interação é assistida, e nem ela nem a oferta dizem por quem.',
  EXCLUSIVO_DO_SEBRAE_NACIONAL: 'Só o Sebrae Nacional registra este tipo.',
  CHAVE_SUPERADA: 'Nomeia, por uma chave de antes de uma troca de CLIENT_ID_KEY, quem por ela não era conhecido.',
  CADASTRO_OU_LOGIN: 'Cadastro e login não são atendimento.',
  CAMPANHA_ATIVA: 'Campanha feita pelo Sebrae não é atendimento.',
  EMAIL_MARKETING: 'E-mail marketing não é atendimento.',
  COMERCIALIZACAO: 'Oferta vista, inscrição, agendamento ou contratação é comercialização; o atendimento vem depois.',
  AUSENCIA: 'O cliente não compareceu.',
  CONTATO_IMPROCEDENTE: 'O contato não permitiu entregar solução alguma.',
  ABANDONO: 'Abandonar um curso autoinstrucional não é atendimento.',
  CHECK_IN_AGUARDA_CONSOLIDACAO: 'A presença espera a consolidação da oferta.',
  DISPONIBILIZACAO_CONSOLIDADA: 'A oferta foi encerrada; as participações contam uma a uma.',
  ESTORNO: 'Desfaz uma interação anterior.',
  INFORMACAO_NAO_CONTABILIZA: 'Informação é registrada, e nunca contabilizada como atendimento.',
  CONTEUDO_DE_ATRACAO: 'Conteúdo de atração é informação.',
  CONTEUDO_NAO_SOLICITADO: 'Conteúdo enviado sem pedido do cliente não é orientação técnica.',
  MOMENTO_NAO_CONTABILIZA: 'Este momento digital não é o que contabiliza.',
  EVENTO_PATROCINADO: 'Feira apenas patrocinada não contabiliza.',
  NAO_EXPOSITOR: 'Na feira, só expositores são atendidos.',
  SEM_COMPROVACAO_DE_PARTICIPACAO: 'Nenhuma presença comprova a participação.',
  FREQUENCIA_ABAIXO_DA_MINIMA: 'A frequência não alcançou a mínima da solução.',
  DURACAO_ABAIXO_DA_MINIMA: 'A duração não alcançou a mínima do tipo.',
  CLIENTE_NAO_IDENTIFICADO: 'Não há cliente a quem creditar.',
  TITULAR_ESQUECIDO: 'A pessoa pediu para ser esquecida, e isto aconteceu antes.',
  CONSOLIDACAO_DE_PARTICIPACAO: 'Participação consolidada, com comprovação.',
  MOMENTO_INICIO: 'Início de curso autoinstrucional.',
  MOMENTO_CONTABILIZA: 'Momento digital que entrega a solução.',
  INTERACAO_DE_ATENDIMENTO: 'Atendimento individual realizado.',
  CONSOLIDACAO_DE_CONSULTORIA: 'Consultoria consolidada.',
  CONTEUDO_TECNICO: 'Conteúdo técnico acessado, baixado ou enviado a pedido.',
  CONTRATACAO: 'Garantia contratada.',
};

/** What a reason means, in Portuguese. */
export function descricaoDe(motivo: Motivo): string {
  return DESCRICOES[motivo];
}

export const MOTIVOS = Object.keys(DESCRICOES) as Motivo[];
