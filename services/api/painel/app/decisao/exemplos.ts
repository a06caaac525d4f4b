/** An event to begin with: needs nothing of a portfolio, so that it decides the same everywhere. */
export interface Exemplo {
  id: string;
  nome: string;
  evento: object;
}

/** Of nobody: the CPF that documentation uses. */
const CLIENTE = { pf: { cpf: '529.982.247-25' } };
const RESPONSAVEL = { id: 'prof-7', papel: 'atendente' };
const QUANDO = '2026-03-02T10:15:00-03:00';

function exemplo(id: string, nome: string, tipo: string, data: object): Exemplo {
  const type = `br.com.sebrae.interacao.${tipo}`;
  return { id, nome, evento: { specversion: '1.0', id: `exemplo-${id}`, source: 'exemplo', type, time: QUANDO, data } };
}

const ORIENTACAO = {
  unidade: 'SP',
  tipoSolucao: 'orientacao-tecnica',
  protocolo: 'PRT-1',
  canal: 'telefone',
  cliente: CLIENTE,
  responsavel: RESPONSAVEL,
};

/** In the order they are offered: the first is where the page begins. */
export const EXEMPLOS: readonly Exemplo[] = [
  exemplo('orientacao', 'Orientação técnica por telefone: conta', 'atendimento', ORIENTACAO),
  exemplo('conteudo', 'Leitura de conteúdo técnico no portal: conta', 'acesso-conteudo', {
    unidade: 'SP',
    tipoSolucao: 'orientacao-tecnica',
    conteudoId: 'CT-1',
    natureza: 'tecnico',
    acao: 'acesso',
    canal: 'portal',
    cliente: CLIENTE,
  }),
  exemplo('anonimo', 'Orientação sem dizer a quem: não conta', 'acesso-conteudo', {
    unidade: 'SP',
    tipoSolucao: 'orientacao-tecnica',
    conteudoId: 'CT-1',
    natureza: 'tecnico',
    acao: 'acesso',
    canal: 'portal',
  }),
  exemplo('informacao', 'Informação: não conta', 'atendimento', { ...ORIENTACAO, tipoSolucao: 'informacao' }),
  exemplo('login', 'Login no portal: não conta', 'login', { unidade: 'SP', canal: 'portal', cliente: CLIENTE }),
  exemplo('campanha', 'Ligação de campanha: não conta', 'campanha-ativa', {
    unidade: 'SP',
    canal: 'telefone',
    finalidade: 'divulgacao',
    contatoComPessoaCerta: true,
    cliente: CLIENTE,
  }),
  exemplo('sem-responsavel', 'Orientação sem responsável: quarentena', 'atendimento', {
    ...ORIENTACAO,
    intermediacao: 'assistida',
    responsavel: undefined,
  }),
  exemplo('fora-do-portfolio', 'Solução que o portfólio não tem: quarentena', 'atendimento', {
    ...ORIENTACAO,
    solucaoId: 'NAO-EXISTE-1',
  }),
  exemplo('cpf-errado', 'CPF com um dígito errado: quarentena', 'atendimento', {
    ...ORIENTACAO,
    cliente: { pf: { cpf: '529.982.247-24' } },
  }),
];

/** The text of an example, as a person would write it. */
export const textoDo = ({ evento }: Exemplo): string => JSON.stringify(evento, null, 2);
