import { type Cliente, type Interacao, TIPOS_INTERACAO, type TipoInteracao } from './interacao.ts';

/** Fields of {@link Interacao} that a producer fills. */
export type Campo = Exclude<keyof Interacao, 'source' | 'id' | 'tipoInteracao' | 'time'>;
type Codigos = Partial<Record<Campo, readonly string[]>>;

export const UNIDADES = (
  'AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO ' + 'NA'
).split(' ');

export const PAPEIS_DE_RESPONSAVEL = [
  'atendente',
  'consultor',
  'assessor',
  'tecnico',
  'instrutor',
  'facilitador',
  'mediador',
  'organizador',
];
export const PAPEIS_DE_PARTICIPANTE = ['participante', 'expositor', 'visitante'];

/** Code lists that hold for any kind. */
export const CODIGOS: Codigos = {
  unidade: UNIDADES,
  intermediacao: ['assistida', 'nao-assistida'],
  forma: ['pontual', 'estruturada'],
  papel: PAPEIS_DE_PARTICIPANTE,
  natureza: ['tecnico', 'atracao'],
  finalidade: ['pesquisa', 'atualizacao-cadastral', 'divulgacao'],
};

/** The Sebrae was founded in 1972: an older interaction is a broken clock. */
export const PRIMEIRO_INSTANTE = Date.parse('1972-07-05T00:00:00-03:00');

/** The largest interaction, encoded (bytes): what repeats it whole, with more around it, must still fit a record. */
export const MAIOR_REGISTRO = 900_000;

interface DaInteracao {
  obrigatorios?: readonly Campo[];
  codigos?: Codigos;
  /** The kind can do without tipoSolucao. */
  dispensaTipo?: true;
}

/** What each kind requires, and the codes of fields that mean something else in another kind. Source: the contract. */
export const CONTRATO: Readonly<Record<TipoInteracao, DaInteracao>> = {
  'momento-digital': { obrigatorios: ['momento'] },
  'check-in': {},
  contratacao: { obrigatorios: ['contratoId'] },
  atendimento: {},
  'consolidacao-participacao': {},
  'consolidacao-disponibilizacao': {},
  'acesso-conteudo': { obrigatorios: ['conteudoId', 'natureza'], codigos: { acao: ['acesso', 'download'] } },
  'envio-conteudo': { obrigatorios: ['conteudoId', 'solicitado'] },
  'visualizacao-oferta': {},
  inscricao: {},
  agendamento: {},
  cancelamento: {},
  ausencia: {},
  'contato-improcedente': {
    dispensaTipo: true,
    obrigatorios: ['causa'],
    codigos: { causa: ['perda-conexao', 'timeout', 'assunto-inadequado', 'outra'] },
  },
  'campanha-ativa': { dispensaTipo: true, obrigatorios: ['finalidade'] },
  'email-marketing': {
    dispensaTipo: true,
    obrigatorios: ['acao'],
    codigos: { acao: ['envio', 'abertura', 'clique'] },
  },
  cadastro: { dispensaTipo: true },
  login: { dispensaTipo: true },
  abandono: {},
  estorno: { dispensaTipo: true, obrigatorios: ['estornada'] },
};

interface CodigosDoCampo {
  campo: Campo;
  aceitos: ReadonlySet<string>;
}

interface ContratoDaInteracao {
  obrigatorios: readonly Campo[];
  dispensaTipo: boolean;
  codigos: readonly CodigosDoCampo[];
}

function contratoDe(tipo: TipoInteracao): ContratoDaInteracao {
  const { obrigatorios = [], dispensaTipo = false, codigos } = CONTRATO[tipo];
  const campos = Object.entries({ ...CODIGOS, ...codigos }) as [Campo, readonly string[]][];
  return {
    obrigatorios,
    dispensaTipo,
    codigos: campos.map(([campo, aceitos]) => ({ campo, aceitos: new Set(aceitos) })),
  };
}

/** What is asked of each kind, laid out once: this is asked of every record. */
const CONTRATOS: ReadonlyMap<string, ContratoDaInteracao> = new Map(
  TIPOS_INTERACAO.map((tipo) => [tipo, contratoDe(tipo)]),
);

function codigoErrado(i: Interacao, codigos: readonly CodigosDoCampo[]): string | null {
  for (const { campo, aceitos } of codigos) {
    const valor = i[campo];
    if (typeof valor === 'string' && !aceitos.has(valor)) {
      return `${campo}: '${valor}' não é um de ${[...aceitos].join(', ')}`;
    }
  }
  return null;
}

/** Said so that NaN, which Avro can carry, is one too. */
const negativo = (valor: number | null): boolean => valor !== null && !(valor >= 0);

/** Each by its own name: read by a name that varies, a number becomes an object. */
function campoNegativo(i: Interacao): Campo | null {
  if (negativo(i.presencas)) return 'presencas';
  if (negativo(i.duracaoMin)) return 'duracaoMin';
  if (negativo(i.duracaoTotalMin)) return 'duracaoTotalMin';
  return negativo(i.valor) ? 'valor' : null;
}

function campoAusente(i: Interacao, campos: readonly Campo[]): Campo | null {
  for (const campo of campos) if (i[campo] === null || i[campo] === '') return campo;
  return null;
}

function numeroErrado(i: Interacao): string | null {
  const menor = campoNegativo(i);
  if (menor !== null) return `${menor}: precisa ser um número, e não negativo`;
  if (i.etapas !== null && i.etapas < 1) return 'etapas: precisa ser ao menos 1';
  if (i.frequencia !== null && !(i.frequencia >= 0 && i.frequencia <= 1)) return 'frequencia: vai de 0 a 1';
  return null;
}

function naoIdentificadoErrado(c: Cliente | null): string | null {
  if (c === null || c.naoIdentificado === null) return null;
  if (c.pf !== null || c.pj !== null) return 'cliente.naoIdentificado: não acompanha pf nem pj';
  return c.naoIdentificado.quantidade < 1 ? 'cliente.naoIdentificado.quantidade: precisa ser ao menos 1' : null;
}

function clienteErrado(i: Interacao): string | null {
  const doCliente = naoIdentificadoErrado(i.cliente);
  if (doCliente !== null || i.participantes === null) return doCliente;
  for (const { cliente } of i.participantes) {
    const erro = naoIdentificadoErrado(cliente);
    if (erro !== null) return erro;
  }
  return null;
}

/**
 * What the contract asks of a decoded interaction, beyond the types its schema already guarantees.
 * @returns the first fault, naming the field, in Portuguese; null where there is none
 */
export function erroDeContrato(i: Interacao): string | null {
  if (i.source === '') return 'source: obrigatório';
  if (i.id === '') return 'id: obrigatório';
  if (!(i.time >= PRIMEIRO_INSTANTE)) return 'time: anterior a 1972, quando o Sebrae foi criado';
  const contrato = CONTRATOS.get(i.tipoInteracao);
  if (contrato === undefined) return `type: '${i.tipoInteracao}' não é uma interação conhecida`;
  if (i.tipoSolucao === null && !contrato.dispensaTipo) return `tipoSolucao: obrigatório em ${i.tipoInteracao}`;
  const falta = campoAusente(i, contrato.obrigatorios);
  if (falta !== null) return `${falta}: obrigatório em ${i.tipoInteracao}`;
  if (i.tipoInteracao === 'contratacao' && i.tipoSolucao === 'garantia-fampe' && i.instituicaoFinanceira === null) {
    return 'instituicaoFinanceira: obrigatório na contratação de garantia-fampe';
  }
  return codigoErrado(i, contrato.codigos) ?? numeroErrado(i) ?? clienteErrado(i);
}
