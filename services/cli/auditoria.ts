import { type AnoDoCliente, anosDe, publicoDe } from '#domain/cliente.ts';
import { FONTE_CONSOLIDADOR } from '#domain/consolidacao.ts';
import { decide } from '#domain/decidir.ts';
import { MOTIVOS_DO_PORTFOLIO } from '#domain/decisao.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import { Recontagem } from '#domain/recontagem.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { type Codec, PoisonError } from '#platform/codec.ts';
import type { Quarentena } from '#platform/codec-types.ts';
import type { LeitorDeEstado } from '#platform/estado/leitor.ts';
import type { InputRecord, Kafka, TopicPartition } from '#platform/kafka/port.ts';
import { type EmQuarentena, leLote, TOPICO_DA_QUARENTENA } from '#platform/quarentena/registros.ts';
import type { Resolucoes } from '#platform/quarentena/resolucoes.ts';

/** One figure on which Redis and the recount do not agree. */
export interface Diferenca {
  onde: 'cliente' | 'indicador' | 'metrica' | 'quarentena';
  chave: string;
  redis: unknown;
  recontagem: unknown;
}

export interface Auditoria {
  /** Records read from `interacoes` and `presencas`, those derived by the consolidator left out. */
  registros: number;
  clientes: number;
  contadores: number;
  /** In quarantine by a portfolio that has since changed, and not yet replayed. */
  aguardandoReplay: number;
  /** Copies of an event under other clients than the first: a fault of their source, counted for each client. */
  copiasDeOutroCliente: number;
  diferencas: Diferenca[];
  segundos: number;
}

export interface PartesDaAuditoria {
  kafka: Kafka;
  leitor: LeitorDeEstado;
  interacoes: Codec<Interacao>;
  quarentenas: Codec<Quarentena>;
  resolucoes: Resolucoes;
  portfolio: Portfolio;
  rulebooks: Rulebooks;
}

const coordenada = (tp: TopicPartition, offset: number): string => `${tp.topic}/${tp.partition}/${offset}`;

/** Reads the log into a plain recount. Nothing the services keep is used, save what waits in quarantine for a replay. */
class Leitura {
  readonly recontagem: Recontagem;
  registros = 0;
  aguardandoReplay = 0;
  readonly #partes: PartesDaAuditoria;
  /**
   * Reasons, by coordinate, of records that were set aside by the portfolio or the rulebook of then: what came of them
   * since is another record of the log.
   */
  readonly #postasDeLado = new Map<string, string>();
  /** The same of what the consolidation derives, by id: the recount derives it itself. */
  readonly #derivadasPostasDeLado = new Map<string, string>();
  readonly quarentenaReal = new Map<string, number>();

  constructor(partes: PartesDaAuditoria) {
    this.#partes = partes;
    const derivadasPostasDeLado = this.#derivadasPostasDeLado;
    this.recontagem = new Recontagem(partes.rulebooks, partes.portfolio, { porCliente: true, derivadasPostasDeLado });
  }

  async quarentena(): Promise<void> {
    const { kafka, quarentenas, interacoes, resolucoes } = this.#partes;
    await resolucoes.atualiza();
    await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
      onBatch: async (lote) => {
        const postas = await leLote(quarentenas, lote);
        await interacoes.prepareIds(postas.map(({ registro }) => registro.valor));
        for (const posta of postas) this.#posta(posta, resolucoes.resolvida(posta.id));
      },
    });
  }

  #posta({ registro: q }: EmQuarentena, resolvida: boolean): void {
    const derivada = q.source === FONTE_CONSOLIDADOR;
    // Where it came back, the recount derives it as its copy was decided, once.
    if (derivada && resolvida) return;
    this.quarentenaReal.set(q.motivo, (this.quarentenaReal.get(q.motivo) ?? 0) + 1);
    if (!resolvida && !MOTIVOS_DO_PORTFOLIO.has(q.motivo)) return;
    if (derivada) this.#derivadasPostasDeLado.set(q.id ?? '', q.motivo);
    else this.#postasDeLado.set(coordenada({ topic: q.topico, partition: q.particao }, q.posicao), q.motivo);
    if (!resolvida && this.#seriaDecidida(q)) this.aguardandoReplay += 1;
  }

  async topico(topico: 'interacoes' | 'presencas', progresso: (registros: number) => void): Promise<void> {
    const { kafka, interacoes } = this.#partes;
    await kafka.readToEnd(topico, {
      onBatch: async (batch) => {
        await interacoes.prepareIds(batch.records.map((r) => r.value));
        for (const record of batch.records) this.#registro(batch, record);
        progresso(this.registros);
      },
    });
  }

  #registro(tp: TopicPartition, record: InputRecord): void {
    const interacao = this.#le(record.value);
    if (interacao?.source === FONTE_CONSOLIDADOR) return;
    this.registros += 1;
    const posta = this.#postasDeLado.get(coordenada(tp, record.offset));
    if (posta !== undefined) {
      this.recontagem.registraEmQuarentena(posta);
      return;
    }
    if (interacao === null) {
      this.recontagem.registraIlegivel();
      return;
    }
    this.recontagem.registra({ interacao, registradaEm: record.timestamp, emPresencas: tp.topic === 'presencas' });
  }

  #seriaDecidida({ valor, recebidaEm: registradaEm }: Quarentena): boolean {
    const { rulebooks, portfolio } = this.#partes;
    const interacao = this.#le(valor);
    if (interacao === null) return false;
    const rulebook = rulebooks.em(interacao.time);
    return decide({ interacao, registradaEm, rulebook, portfolio }).resultado !== 'quarentena';
  }

  #le(valor: Buffer | null): Interacao | null {
    try {
      return this.#partes.interacoes.decodeSync(valor);
    } catch (error) {
      if (error instanceof PoisonError) return null;
      throw error;
    }
  }
}

function comparaContadores(
  onde: Diferenca['onde'],
  redis: ReadonlyMap<string, number>,
  recontagem: ReadonlyMap<string, number>,
): Diferenca[] {
  const nomes = new Set([...redis.keys(), ...recontagem.keys()]);
  return [...nomes]
    .filter((nome) => (redis.get(nome) ?? 0) !== (recontagem.get(nome) ?? 0))
    .map((chave) => ({ onde, chave, redis: redis.get(chave) ?? 0, recontagem: recontagem.get(chave) ?? 0 }));
}

/** Same content, whatever order the keys came in. */
function canonico(valor: unknown): string {
  return JSON.stringify(valor, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

async function comparaClientes(leitor: LeitorDeEstado, recontagem: Recontagem): Promise<[number, Diferenca[]]> {
  const faltam = new Map<string, Record<string, AnoDoCliente>>(recontagem.clientes().map((c) => [c.id, c.anos]));
  const diferencas: Diferenca[] = [];
  let clientes = 0;
  for await (const { titular, estado } of leitor.titulares()) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    clientes += 1;
    const [redis, nossa] = [anosDe(estado), faltam.get(titular) ?? null];
    faltam.delete(titular);
    if (canonico(redis) !== canonico(nossa)) {
      diferencas.push({ onde: 'cliente', chave: titular, redis, recontagem: nossa });
    }
  }
  for (const [chave, anos] of faltam) diferencas.push({ onde: 'cliente', chave, redis: null, recontagem: anos });
  return [clientes, diferencas];
}

/**
 * Recounts the log from the beginning in plain memory and compares clients, indicators, metrics and quarantine with
 * what the services made of it. The line should have nothing left to read (see `esperaALinha`).
 * @param progresso told how many records have been read
 */
export async function audita(
  partes: PartesDaAuditoria,
  progresso: (registros: number) => void = () => {},
): Promise<Auditoria> {
  const inicio = performance.now();
  const leitura = new Leitura(partes);
  await leitura.quarentena();
  await leitura.topico('interacoes', progresso);
  await leitura.topico('presencas', progresso);
  const { recontagem } = leitura;
  const { indicadores, metricas } = await partes.leitor.contadores();
  const [clientes, diferencas] = await comparaClientes(partes.leitor, recontagem);
  return {
    registros: leitura.registros,
    clientes,
    contadores: indicadores.size + metricas.size,
    aguardandoReplay: leitura.aguardandoReplay,
    copiasDeOutroCliente: recontagem.copiasDeOutroCliente,
    diferencas: [
      ...diferencas,
      ...comparaContadores('indicador', indicadores, recontagem.indicadores()),
      ...comparaContadores('metrica', metricas, recontagem.metricas),
      ...comparaContadores('quarentena', leitura.quarentenaReal, recontagem.quarentena),
    ],
    segundos: (performance.now() - inicio) / 1000,
  };
}
