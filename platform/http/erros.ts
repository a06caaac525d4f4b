import { ondeHaCpf } from '#domain/cpf-em-texto.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

/** Every code an HTTP answer may carry, with its status and title. docs/erros.md lists them; a test compares. */
export const ERROS_HTTP = {
  JSON_INVALIDO: { status: 400, title: 'O corpo não é JSON válido' },
  ESQUEMA_INVALIDO: { status: 400, title: 'Os dados não seguem o contrato' },
  CPF_INVALIDO: { status: 400, title: 'CPF inválido' },
  CNPJ_INVALIDO: { status: 400, title: 'CNPJ inválido' },
  CPF_FORA_DO_LUGAR: { status: 400, title: 'Há um CPF onde não cabe documento' },
  PARAMETRO_INVALIDO: { status: 400, title: 'Parâmetro inválido' },
  CORTE_NAO_GUARDADO: { status: 400, title: 'O indicador não guarda estes cortes juntos' },
  EDICAO_INVALIDA: { status: 400, title: 'A correção não se entende' },
  IDENTIDADE_DIVERGENTE: { status: 400, title: 'A correção traz outro source ou id' },
  ID_DIVERGENTE: { status: 400, title: 'O id do corpo não é o do endereço' },
  VERSAO_XAPI_INVALIDA: { status: 400, title: 'Versão do xAPI ausente ou não aceita' },
  VERBO_NAO_MAPEADO: { status: 400, title: 'O verbo do statement não corresponde a uma interação' },
  PROGRESSO_NAO_MAPEADO: { status: 400, title: 'O progresso do statement não corresponde a um momento' },
  OBJETO_NAO_MAPEADO: { status: 400, title: 'O objeto do statement não é uma atividade' },
  ATOR_SEM_CPF: { status: 400, title: 'O ator do statement não traz um CPF' },
  OUTRO_STATEMENT_RECUSADO: { status: 400, title: 'Outro statement da lista foi recusado' },
  REQUISICAO_INVALIDA: { status: 400, title: 'Requisição inválida' },
  COMPRESSAO_INVALIDA: { status: 400, title: 'O corpo comprimido não pôde ser aberto' },
  CREDENCIAL_AUSENTE: { status: 401, title: 'Falta a chave de acesso' },
  CREDENCIAL_INVALIDA: { status: 401, title: 'Chave de acesso desconhecida ou revogada' },
  SESSAO_ENCERRADA: { status: 401, title: 'A sessão do painel acabou' },
  PAPEL_INSUFICIENTE: { status: 403, title: 'A chave não tem o papel exigido' },
  FONTE_NAO_AUTORIZADA: { status: 403, title: 'A chave não pode enviar por esta fonte' },
  INTERACAO_NAO_AUTORIZADA: { status: 403, title: 'A chave não pode enviar esta interação' },
  ORIGEM_RECUSADA: { status: 403, title: 'A chamada com sessão veio de outra origem' },
  ROTA_DESCONHECIDA: { status: 404, title: 'Endereço desconhecido' },
  CLIENTE_NAO_ENCONTRADO: { status: 404, title: 'Cliente não encontrado' },
  EVENTO_NAO_ENCONTRADO: { status: 404, title: 'Evento não encontrado no log' },
  INDICADOR_DESCONHECIDO: { status: 404, title: 'Indicador desconhecido' },
  ESQUECIMENTO_DESCONHECIDO: { status: 404, title: 'Ordem de esquecimento desconhecida' },
  CREDENCIAL_DESCONHECIDA: { status: 404, title: 'Credencial desconhecida' },
  QUARENTENA_DESCONHECIDA: { status: 404, title: 'Registro desconhecido na quarentena' },
  CORPO_DEMORADO: { status: 408, title: 'A requisição demorou demais a chegar' },
  FONTE_DESCONHECIDA: { status: 409, title: 'Fonte não registrada' },
  STATEMENT_CONFLITANTE: { status: 409, title: 'Outro statement já foi aceito com este id' },
  ESTADO_EM_CONSTRUCAO: { status: 409, title: 'Há um estado em construção' },
  ESTADO_GUARDADO: { status: 409, title: 'Há um estado de antes guardado' },
  QUARENTENA_RESOLVIDA: { status: 409, title: 'O registro já foi reenviado' },
  QUARENTENA_SUPERADA: { status: 409, title: 'O registro já foi decidido de novo' },
  CREDENCIAL_EXISTENTE: { status: 412, title: 'Já há uma credencial com este id' },
  CORPO_GRANDE_DEMAIS: { status: 413, title: 'O corpo é grande demais' },
  REGISTRO_GRANDE_DEMAIS: { status: 413, title: 'O registro é grande demais' },
  LOTE_GRANDE_DEMAIS: { status: 413, title: 'O lote tem itens demais' },
  TIPO_DE_CONTEUDO_INVALIDO: { status: 415, title: 'Tipo de conteúdo não aceito' },
  CODIFICACAO_INVALIDA: { status: 415, title: 'Codificação de conteúdo não aceita' },
  MUITAS_REQUISICOES: { status: 429, title: 'Há requisições demais em andamento' },
  LIMITE_DA_CHAVE: { status: 429, title: 'A chave passou do seu limite' },
  MUITAS_TENTATIVAS: { status: 429, title: 'Tentativas demais de entrar' },
  CABECALHOS_GRANDES_DEMAIS: { status: 431, title: 'Os cabeçalhos são grandes demais' },
  ERRO_INTERNO: { status: 500, title: 'Erro interno' },
  QUARENTENA_CARREGANDO: { status: 503, title: 'A quarentena ainda está sendo lida' },
  SERVICO_INDISPONIVEL: { status: 503, title: 'Serviço indisponível no momento' },
} as const satisfies Record<string, { status: number; title: string }>;

export type CodigoHttp = keyof typeof ERROS_HTTP;

/** A field and what is wrong with it. */
export interface ErroDeCampo {
  campo: string;
  mensagem: string;
}

interface OpcoesDoErro extends ErrorOptions {
  erros?: readonly ErroDeCampo[];
  /** Seconds. */
  retryAfter?: number;
}

/** An answer that is an error: thrown anywhere in a handler, it leaves as problem+json. */
export class ErroHttp extends Error {
  override name = 'ErroHttp';
  readonly codigo: CodigoHttp;
  readonly erros: readonly ErroDeCampo[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(codigo: CodigoHttp, detail: string, { erros, retryAfter, ...options }: OpcoesDoErro = {}) {
    super(detail, options);
    this.codigo = codigo;
    this.erros = erros;
    this.retryAfter = retryAfter;
  }
}

/** RFC 9457. */
export interface Problema {
  type: string;
  title: string;
  status: number;
  detail: string;
  codigo: CodigoHttp;
  erros?: readonly ErroDeCampo[];
}

export const PROBLEMA = 'application/problem+json';

/** What CPF_FORA_DO_LUGAR says. @param campo the field that holds the CPF, by its path */
export function cpfForaDoLugar(campo: string): string {
  return `${campo}: há um CPF (onze dígitos que conferem); um CPF só vai em cliente.pf.cpf`;
}

/** What is kept holds no CPF, wherever one may stand. @throws ErroHttp CPF_FORA_DO_LUGAR */
export function exigeSemCpf(registro: object): void {
  const campo = ondeHaCpf(registro);
  if (campo !== null) throw new ErroHttp('CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
}

const MAXIMO_DE_CAMPOS = 20;

export function problemaDe(erro: ErroHttp): Problema {
  const { status, title } = ERROS_HTTP[erro.codigo];
  const erros = erro.erros
    ?.slice(0, MAXIMO_DE_CAMPOS)
    .map((e) => ({ campo: ocultaCpf(e.campo), mensagem: ocultaCpf(e.mensagem) }));
  return {
    type: `urn:atendido:erro:${erro.codigo}`,
    title,
    status,
    detail: ocultaCpf(erro.message),
    codigo: erro.codigo,
    ...(erros === undefined ? {} : { erros }),
  };
}
