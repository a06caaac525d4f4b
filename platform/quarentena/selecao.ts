import type { Apuracoes } from '#domain/apuracao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { CodedError } from '#platform/errors.ts';
import { type Ensaio, ensaiaReenvio, type PartesDoEnsaio } from '#platform/quarentena/ensaio.ts';
import { cabeDeVolta, ehDaQueVigora, exigeQueSiga, type PartesDoReenvio } from '#platform/quarentena/reenvio.ts';
import {
  buscaPorIds,
  type EmQuarentena,
  leLote,
  lugarDe,
  type PartesDaBusca,
  TOPICO_DA_QUARENTENA,
} from '#platform/quarentena/registros.ts';
import { semCpf } from './visivel.ts';

/** What a command about the quarantine is connected to. */
export type PartesDaQuarentena = PartesDaBusca &
  PartesDoReenvio &
  PartesDoEnsaio & { apuracoes: Pick<Apuracoes, 'emVigor'> };

/** Which records are meant: those that meet all that is given. */
export interface Filtros {
  motivo?: string | undefined;
  source?: string | undefined;
  topico?: string | undefined;
  /** Set aside from here on, milliseconds since the epoch. */
  desde?: number | undefined;
  /** And before this. */
  ate?: number | undefined;
  /** Of these ids alone. */
  so?: ReadonlySet<string> | undefined;
}

/** The newest ones. */
export const maisNovas = <T extends Pick<Pendente, 'postaEm'>>(todas: readonly T[], limite: number): T[] =>
  todas.toSorted((a, b) => (a.postaEm < b.postaEm ? 1 : -1)).slice(0, limite);

/** A record that waits, without its bytes. */
export interface Pendente {
  id: string;
  /** ISO 8601. */
  postaEm: string;
  motivo: string;
  detalhe: string;
  topico: string;
  source: string | null;
  /** The event's own id. */
  evento: string | null;
  tentativa: number;
  /** Who corrected it; null: nobody did. */
  corrigidaPor: string | null;
  /** Whether it fits its topic again. */
  cabe: boolean;
  /** What would come out now; only where it was asked. */
  hoje: Desfecho | null;
}

/** What the classifier would make of a record now. */
export interface Desfecho {
  resultado: string;
  motivo: string;
  detalhe: string | null;
}

export function desfechoDe({ resultado, motivo, detalhe }: Ensaio): Desfecho {
  return { resultado, motivo, detalhe: detalhe === null ? null : ocultaCpf(detalhe) };
}

/** The error of an id that names no record. */
function desconhecida(id: string): CodedError {
  const saida = 'veja os ids em `atendido quarantine list`';
  return new CodedError('QUARENTENA_DESCONHECIDA', `não há registro ${id} na quarentena; ${saida}`, { exitCode: 2 });
}

/** The record of an id, solved or not. @throws CodedError QUARENTENA_DESCONHECIDA */
export async function registroDeId(partes: PartesDaQuarentena, id: string): Promise<EmQuarentena> {
  const [achado] = await buscaPorIds(partes, [id]);
  if (achado === undefined) throw desconhecida(id);
  return achado;
}

/** Whether something is still to be done about it. */
function espera({ resolucoes, apuracoes }: PartesDaQuarentena, um: EmQuarentena): boolean {
  return !resolucoes.resolvida(um.id) && ehDaQueVigora(um, apuracoes);
}

function passa({ id, postaEm, registro }: EmQuarentena, f: Filtros): boolean {
  return (
    (f.motivo === undefined || registro.motivo === f.motivo) &&
    (f.source === undefined || registro.source === f.source) &&
    (f.topico === undefined || registro.topico === f.topico) &&
    (f.desde === undefined || postaEm >= f.desde) &&
    (f.ate === undefined || postaEm < f.ate) &&
    (f.so === undefined || f.so.has(id))
  );
}

async function pendenteDe(partes: PartesDaQuarentena, um: EmQuarentena, ensaia: boolean): Promise<Pendente> {
  const { id, postaEm, registro } = um;
  const correcao = partes.resolucoes.de(id)?.correcao ?? null;
  const { motivo, detalhe, topico, source, tentativa } = registro;
  const valor = correcao === null ? registro.valor : correcao.valor;
  return {
    id,
    postaEm: new Date(postaEm).toISOString(),
    motivo,
    detalhe: ocultaCpf(detalhe),
    topico,
    source: semCpf(source),
    evento: semCpf(registro.id),
    tentativa,
    corrigidaPor: correcao?.por ?? null,
    cabe: cabeDeVolta(um, correcao),
    hoje: ensaia ? desfechoDe(await ensaiaReenvio(partes, valor, Date.now())) : null,
  };
}

/** In the order of the topic. */
function ordem(a: Pendente, b: Pendente): number {
  const [la, lb] = [lugarDe(a.id), lugarDe(b.id)];
  if (la === null || lb === null) return 0;
  return la.particao - lb.particao || la.posicao - lb.posicao;
}

/**
 * The records still waiting that the filters let through, in the order of the topic; reads the whole of it.
 * @param ensaia whether to decide each anew, by today's rulebooks and portfolio
 * @throws RetryableError
 */
export async function pendentes(partes: PartesDaQuarentena, filtros: Filtros, ensaia: boolean): Promise<Pendente[]> {
  await partes.resolucoes.atualiza();
  const achados: Pendente[] = [];
  await partes.kafka.readToEnd(TOPICO_DA_QUARENTENA, {
    onBatch: async (lote) => {
      exigeQueSiga(partes);
      for (const um of await leLote(partes.quarentenas, lote)) {
        if (!espera(partes, um) || !passa(um, filtros)) continue;
        achados.push(await pendenteDe(partes, um, ensaia));
      }
    },
  });
  return achados.sort(ordem);
}

/**
 * Those of the records named that still wait, decided anew.
 * @throws CodedError QUARENTENA_DESCONHECIDA one of them is not there; RetryableError
 */
export async function pendentesPorId(partes: PartesDaQuarentena, ids: readonly string[]): Promise<Pendente[]> {
  await partes.resolucoes.atualiza();
  const achados = await buscaPorIds(partes, ids);
  const falta = ids.find((id) => !achados.some((um) => um.id === id));
  if (falta !== undefined) throw desconhecida(falta);
  const esperam = achados.filter((um) => espera(partes, um));
  return (await Promise.all(esperam.map((um) => pendenteDe(partes, um, true)))).sort(ordem);
}

/** How many of each, the most first. */
export function contagem(nomes: readonly string[]): Record<string, number> {
  const porNome = Map.groupBy(nomes, (nome) => nome);
  const pares = [...porNome].map(([nome, todos]): [string, number] => [nome, todos.length]);
  return Object.fromEntries(pares.sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));
}
