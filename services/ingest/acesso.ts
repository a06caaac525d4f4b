import { FONTE_CONSOLIDADOR, fonteReservada } from '#domain/consolidacao.ts';
import { ondeHaCpf } from '#domain/cpf-em-texto.ts';
import {
  type Credencial,
  type Fonte,
  hashDoSegredo,
  novoSegredo,
  type Papel,
  type Permitida,
  permite,
} from '#platform/credenciais/credencial.ts';
import { type CredenciaisSeguidas, chaveDoRegistro } from '#platform/credenciais/tabela.ts';
import { cpfForaDoLugar, ErroHttp } from '#platform/http/erros.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { CREDENTIALS_TOPIC } from '#platform/topics.ts';

/** The id of the key that comes from the environment. */
const RESERVADA = 'operacao';

export interface Acesso {
  credenciais: Pick<CredenciaisSeguidas, 'tabela' | 'caughtUp'>;
  producer: Pick<Producer, 'send'>;
}

/** Resolves when the record is kept, and holds in this process; elsewhere it holds within a second. */
async function escreve({ credenciais, producer }: Acesso, key: string, valor: object | null): Promise<void> {
  const value = valor === null ? null : Buffer.from(JSON.stringify(valor));
  await producer.send([{ topic: CREDENTIALS_TOPIC, key, value }]);
  await credenciais.caughtUp();
}

/** Names end in Kafka, in logs and in errors. @throws ErroHttp CPF_FORA_DO_LUGAR */
function exigeSemCpf(nomes: object): void {
  const campo = ondeHaCpf(nomes);
  if (campo !== null) throw new ErroHttp('CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
}

export async function registraFonte(fonte: Fonte, acesso: Acesso): Promise<Fonte> {
  exigeSemCpf(fonte);
  if (fonteReservada(fonte.source)) {
    throw new ErroHttp('FONTE_NAO_AUTORIZADA', `source: '${FONTE_CONSOLIDADOR}' é reservada ao próprio sistema`);
  }
  await escreve(acesso, chaveDoRegistro('fonte', fonte.source), fonte);
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

export interface PedidoDeCredencial {
  source?: string | undefined;
  papeis: Papel[];
  interacoes?: Permitida[] | undefined;
}

/**
 * Makes a key, in the place of the one that had the id.
 * @returns the credential, and its secret for the only time: what is kept is the hash
 */
export async function criaCredencial(
  id: string,
  pedido: PedidoDeCredencial,
  acesso: Acesso,
): Promise<Omit<Credencial, 'hash'> & { chave: string }> {
  if (id === RESERVADA) throw new ErroHttp('PARAMETRO_INVALIDO', `id: '${RESERVADA}' é o da chave de operação`);
  exigeSemCpf({ id, source: pedido.source });
  exigeFonte(pedido, acesso);
  const chave = novoSegredo();
  const visivel = {
    id,
    source: pedido.source ?? null,
    papeis: pedido.papeis,
    interacoes: pedido.interacoes ?? null,
    criada: new Date().toISOString(),
  };
  const guardada: Credencial = { ...visivel, hash: hashDoSegredo(chave) };
  await escreve(acesso, chaveDoRegistro('credencial', id), guardada);
  return { ...visivel, chave };
}

export async function revoga(id: string, acesso: Acesso): Promise<void> {
  if (acesso.credenciais.tabela.credencial(id) === undefined) {
    throw new ErroHttp('CREDENCIAL_DESCONHECIDA', `não há credencial '${id}'`);
  }
  await escreve(acesso, chaveDoRegistro('credencial', id), null);
}
