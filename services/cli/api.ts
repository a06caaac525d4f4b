import { causaDe } from '#platform/causa.ts';
import { homeOf } from '#platform/config.ts';
import { runningStack } from '#platform/config-stack.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { CodedError } from '#platform/errors.ts';

const PRAZO_MS = 30_000;

interface Problema {
  codigo?: string;
  detail?: string;
  title?: string;
}

/**
 * Where the api answers: ATENDIDO_API_URL, else the local stack's.
 * @throws CodedError PILHA_PARADA, CONFIGURACAO_INVALIDA
 */
export function enderecoDaApi(): string {
  const dado = process.env.ATENDIDO_API_URL;
  if (dado && URL.canParse(dado) && /^https?:/.test(dado)) return dado.replace(/\/+$/, '');
  if (dado) {
    const problema = 'ATENDIDO_API_URL: deve ser um endereço como http://127.0.0.1:8080';
    throw new CodedError('CONFIGURACAO_INVALIDA', `a configuração tem erros:\n  ${problema}`);
  }
  const api = runningStack(homeOf())?.processos.find((p) => p.nome === 'api')?.endereco;
  if (api) return api;
  const saida = 'a api não está no ar: rode `atendido up` (ou defina ATENDIDO_API_URL)';
  throw new CodedError('PILHA_PARADA', saida);
}

/** What a call that nothing answered comes to; what has a code keeps it. @param onde who was called, and where */
export function semResposta(onde: string): (erro: Error) => never {
  return (erro) => {
    if (erro instanceof CodedError) throw erro;
    throw new CodedError('SERVIDOR_FORA', `${onde}: ${causaDe(erro)}`, { cause: erro });
  };
}

/** A call of the api that is more than a GET. */
export interface Chamada {
  metodo: 'GET' | 'POST' | 'PUT' | 'DELETE';
  caminho: string;
  corpo?: object;
  /** Beside the key. */
  headers?: Readonly<Record<string, string>>;
  /** Ends it before its time. */
  sinal?: AbortSignal | undefined;
}

/**
 * What the api answers, asked with the operator's key; undefined where it has nothing to say.
 * @throws CodedError the api's own code, PILHA_PARADA, CONFIGURACAO_INVALIDA or SERVIDOR_FORA; the signal's reason
 */
export async function chama({ metodo, caminho, corpo, headers = {}, sinal }: Chamada): Promise<unknown> {
  const endereco = enderecoDaApi();
  const resposta = await fetch(endereco + caminho, {
    method: metodo,
    headers: {
      ...headers,
      authorization: `Bearer ${resolveChaveOperacao()}`,
      ...(corpo && { 'content-type': 'application/json' }),
    },
    ...(corpo && { body: JSON.stringify(corpo) }),
    signal: AbortSignal.any([AbortSignal.timeout(PRAZO_MS), ...(sinal === undefined ? [] : [sinal])]),
  }).catch(semResposta(`a api não responde em ${endereco}`));
  const texto = await resposta.text();
  const lido: unknown = texto === '' ? undefined : JSON.parse(texto);
  if (resposta.ok) return lido;
  const { codigo = 'ERRO_INTERNO', detail, title } = (lido ?? {}) as Problema;
  throw new CodedError(codigo, detail ?? title ?? `a api respondeu ${resposta.status}`);
}

/**
 * What the api answers to a GET, asked with the operator's key.
 * @throws CodedError the api's own code, PILHA_PARADA, CONFIGURACAO_INVALIDA or SERVIDOR_FORA
 */
export async function consulta<T>(caminho: string): Promise<T> {
  return (await chama({ metodo: 'GET', caminho })) as T;
}

/** A year of a client, as the api answers it; instants in ISO 8601. */
export interface Ano {
  atendido: boolean;
  atendimentos: number;
  primeiro: string | null;
  ultimo: string | null;
  porTipo: Record<string, number>;
  outrasMetricas: Record<string, number>;
  indicadores: { codigo: string; periodo: string; atendimentos: number }[];
}

export interface Situacao {
  id: string;
  anos: Record<string, Ano>;
}

/** A client's years. @param cliente CPF, CNPJ or client id @throws CodedError CLIENTE_NAO_ENCONTRADO, as `chama` */
export function situacaoDe(cliente: string): Promise<Situacao> {
  return consulta(`/v1/clientes/${encodeURIComponent(cliente)}`);
}

/** A counting interaction of a client, as the api answers it. */
export interface Entrega {
  time: string;
  tipoSolucao: string;
  nome: string | null;
  regra: string | null;
  unidade: string;
  situacao: 'conta' | 'repetida' | 'estornada';
}

export interface Entregas {
  id: string;
  total: number;
  itens: Entrega[];
  proximo: string | null;
}

const POR_PAGINA = 1_000;

/** A client's deliveries, all pages as one, the newest first. @throws CodedError as `situacaoDe` */
export async function entregasDe(cliente: string): Promise<Entregas> {
  const primeira = await consulta<Entregas>(
    `/v1/clientes/${encodeURIComponent(cliente)}/entregas?limite=${POR_PAGINA}`,
  );
  const itens = [...primeira.itens];
  for (let { proximo } = primeira; proximo !== null; ) {
    const pagina = await consulta<Entregas>(proximo);
    itens.push(...pagina.itens);
    proximo = pagina.proximo;
  }
  return { ...primeira, itens, proximo: null };
}
