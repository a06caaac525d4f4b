import { FONTE_CONSOLIDADOR, fonteReservada } from '#domain/consolidacao.ts';
import { type Ato, type Quem, registroDoAto } from '#platform/atos.ts';
import { type Credencial, type Fonte, hashDoSegredo, novoSegredo, permite } from '#platform/credenciais/credencial.ts';
import type { Papel, Permitida } from '#platform/credenciais/permissoes.ts';
import { type CredenciaisSeguidas, chaveDoRegistro, OPERACAO } from '#platform/credenciais/tabela.ts';
import { ErroHttp, exigeSemCpf } from '#platform/http/erros.ts';
import type { CredencialCriada, CredencialVisivel } from '#platform/http/rotas-de-escrita.ts';
import type { Kafka, Producer } from '#platform/kafka/port.ts';
import { underName } from '#platform/kafka/under-name.ts';
import { CREDENTIALS_TOPIC } from '#platform/topics.ts';
import { noPrazo, PRAZO_MS } from './prazo.ts';

/** Whoever changes keys writes under this name, and so one at a time, wherever it runs. */
const NOME = 'atendido-credenciais';

export interface Acesso {
  credenciais: Pick<CredenciaisSeguidas, 'tabela' | 'caughtUp'>;
  kafka: Pick<Kafka, 'exclusive'>;
}

type Feito = Pick<Ato, 'ato' | 'alvo' | 'detalhe'>;
/** One change: a record of the table, by key, and the act that it is. */
interface Mudanca {
  chave: string;
  valor: object | null;
  feito: Feito;
}

/**
 * Changes the table while nobody else does: the record and the act are one transaction. Resolves when both are kept and
 * hold in this process; elsewhere they hold within a second.
 * @param decide asked of a table that is up to date, again where it is not known what became of the change; null: done
 */
async function muda({ credenciais, kafka }: Acesso, quem: Quem, decide: () => Mudanca | null): Promise<void> {
  const escreve = async (producer: Producer): Promise<void> => {
    await credenciais.caughtUp();
    const mudanca = decide();
    if (mudanca === null) return;
    const { chave: key, valor, feito } = mudanca;
    const value = valor === null ? null : Buffer.from(JSON.stringify(valor));
    await producer.send([{ topic: CREDENTIALS_TOPIC, key, value }, registroDoAto(quem, feito)]);
    await credenciais.caughtUp();
  };
  await noPrazo(underName(kafka, NOME, escreve, AbortSignal.timeout(PRAZO_MS)), PRAZO_MS);
}

export async function registraFonte(fonte: Fonte, quem: Quem, acesso: Acesso): Promise<Fonte> {
  exigeSemCpf(fonte);
  if (fonteReservada(fonte.source)) {
    throw new ErroHttp('FONTE_NAO_AUTORIZADA', `source: '${FONTE_CONSOLIDADOR}' é reservada ao próprio sistema`);
  }
  const { source, nome, interacoes } = fonte;
  const feito: Feito = { ato: 'fonte-registrada', alvo: source, detalhe: { nome, interacoes } };
  await muda(acesso, quem, () => ({ chave: chaveDoRegistro('fonte', source), valor: fonte, feito }));
  return fonte;
}

/** Of a list's items, those that the source itself may not send. */
function alemDaFonte(pedidas: readonly Permitida[], daFonte: readonly Permitida[]): Permitida[] {
  return pedidas.filter((p) => {
    if (p === '*') return !daFonte.includes('*');
    const [tipoInteracao = '', tipoSolucao = null] = p.split(':');
    return !permite(daFonte, { tipoInteracao, tipoSolucao });
  });
}

function exigeFonte(pedido: PedidoDeCredencial, { credenciais }: Acesso): void {
  if (pedido.source === undefined) {
    if (!pedido.papeis.includes('produtor')) return;
    throw new ErroHttp('ESQUEMA_INVALIDO', 'source: obrigatório para o papel produtor');
  }
  const fonte = credenciais.tabela.fonte(pedido.source);
  if (fonte === undefined) {
    throw new ErroHttp('FONTE_DESCONHECIDA', `source: registre antes a fonte, com PUT /v1/fontes/${pedido.source}`);
  }
  const demais = alemDaFonte(pedido.interacoes ?? [], fonte.interacoes);
  if (demais.length === 0) return;
  throw new ErroHttp(
    'INTERACAO_NAO_AUTORIZADA',
    `interacoes: a fonte '${fonte.source}' não envia ${demais.join(', ')}`,
  );
}

function exigeCredencial(id: string, { credenciais }: Acesso): Credencial {
  const credencial = credenciais.tabela.credencial(id);
  if (credencial !== undefined) return credencial;
  throw new ErroHttp('CREDENCIAL_DESCONHECIDA', `não há credencial '${id}'`);
}

function visivel({ hash: _, anterior, ...resto }: Credencial): CredencialVisivel {
  const vale = anterior !== null && Date.parse(anterior.ate) > Date.now();
  return { ...resto, anteriorAte: vale ? anterior.ate : null };
}

/** Every key but the operator's own, by id. */
export async function lista({ credenciais }: Pick<Acesso, 'credenciais'>): Promise<CredencialVisivel[]> {
  await credenciais.caughtUp();
  return credenciais.tabela.credenciais().map(visivel);
}

export interface PedidoDeCredencial {
  source?: string | undefined;
  papeis: Papel[];
  interacoes?: Permitida[] | undefined;
  /** Requests a second. */
  limite?: number | undefined;
}

/**
 * Makes a key, in the place of the one that had the id.
 * @param nova only where there is none
 * @throws ErroHttp CREDENCIAL_EXISTENTE, FONTE_DESCONHECIDA, INTERACAO_NAO_AUTORIZADA; RetryableError
 */
export async function criaCredencial(
  { id, nova, ...pedido }: PedidoDeCredencial & { id: string; nova: boolean },
  quem: Quem,
  acesso: Acesso,
): Promise<CredencialCriada> {
  if (id === OPERACAO) throw new ErroHttp('PARAMETRO_INVALIDO', `id: '${OPERACAO}' é o da chave de operação`);
  exigeSemCpf({ id, source: pedido.source });
  const segredo = novoSegredo();
  const { source = null, papeis, interacoes = null, limite = null } = pedido;
  const criada = new Date().toISOString();
  const feita: Credencial = {
    ...{ id, hash: hashDoSegredo(segredo), source, papeis, interacoes, criada },
    ...{ mudada: null, anterior: null, limite },
  };
  await muda(acesso, quem, () => {
    exigeFonte(pedido, acesso);
    const antes = acesso.credenciais.tabela.credencial(id);
    if (antes?.hash === feita.hash) return null;
    if (antes !== undefined && nova) throw new ErroHttp('CREDENCIAL_EXISTENTE', `id: já há uma credencial '${id}'`);
    const detalhe = { papeis, source, interacoes, limite, substitui: antes !== undefined };
    const feito: Feito = { ato: 'chave-criada', alvo: id, detalhe };
    return { chave: chaveDoRegistro('credencial', id), valor: feita, feito };
  });
  return { ...visivel(feita), chave: segredo };
}

/**
 * Gives a key another secret. The one it had holds for a while yet; the one before that, if it still did, no longer.
 * @param carencia seconds
 * @throws ErroHttp CREDENCIAL_DESCONHECIDA; RetryableError
 */
export async function troca(id: string, carencia: number, quem: Quem, acesso: Acesso): Promise<CredencialCriada> {
  const segredo = novoSegredo();
  const hash = hashDoSegredo(segredo);
  await muda(acesso, quem, () => {
    const antes = exigeCredencial(id, acesso);
    if (antes.hash === hash) return null;
    const agora = Date.now();
    const ate = new Date(agora + carencia * 1_000).toISOString();
    const anterior = carencia === 0 ? null : { hash: antes.hash, ate };
    const valor: Credencial = { ...antes, hash, mudada: new Date(agora).toISOString(), anterior };
    const feito: Feito = { ato: 'chave-trocada', alvo: id, detalhe: { anteriorAte: anterior?.ate ?? null } };
    return { chave: chaveDoRegistro('credencial', id), valor, feito };
  });
  return { ...visivel(exigeCredencial(id, acesso)), chave: segredo };
}

/** Both secrets of a key end. @throws ErroHttp CREDENCIAL_DESCONHECIDA; RetryableError */
export async function revoga(id: string, quem: Quem, acesso: Acesso): Promise<void> {
  let tentada = false;
  await muda(acesso, quem, () => {
    if (tentada && acesso.credenciais.tabela.credencial(id) === undefined) return null;
    exigeCredencial(id, acesso);
    tentada = true;
    const feito: Feito = { ato: 'chave-revogada', alvo: id, detalhe: {} };
    return { chave: chaveDoRegistro('credencial', id), valor: null, feito };
  });
}
