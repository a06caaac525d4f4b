import { setImmediate as cede } from 'node:timers/promises';
import type { Interacao } from '#domain/interacao.ts';
import { INTERACAO_VAZIA } from '#domain/interacao.ts';
import type { Codec } from '#platform/codec.ts';
import type { Kafka } from '#platform/kafka/port.ts';
import { Produtor, type Resultado, type Transporte, transporteHttp } from '#producer/index.ts';
import { FONTES, type NomeDaFonte } from './fontes.ts';
import type { EventoDemo } from './mundo.ts';

/** What the doors answered. */
export interface Envio {
  enviados: number;
  aceitos: { http: number; kafka: number };
  /** By motivo. */
  recusados: Record<string, number>;
  segundos: number;
}

export interface OpcoesDoEnvio {
  eventos: Iterable<EventoDemo>;
  /** Where ingest answers. */
  porta: string;
  /** Of the sources that come in by HTTP. */
  chaves: ReadonlyMap<string, string>;
  /** The producer library's way straight to Kafka. */
  kafka: Transporte;
  progresso: (enviados: number) => void;
}

/** Little is kept in memory, and a slow door slows its own source down. */
const MAXIMO_PENDENTES = 2_000;
const FATIA = 250;

function produtores({ porta, chaves, kafka }: OpcoesDoEnvio): Map<NomeDaFonte, Produtor> {
  const todos = Object.entries(FONTES).map(([nome, { transporte }]) => {
    const por = transporte === 'kafka' ? kafka : transporteHttp({ url: porta, chave: chaves.get(nome) ?? '' });
    const produtor = new Produtor({ source: nome, transporte: por, maximoPendentes: MAXIMO_PENDENTES });
    return [nome as NomeDaFonte, produtor] as const;
  });
  return new Map(todos);
}

/**
 * Sends every event by its system's door and waits for all the answers.
 * @throws RetryableError a door stayed closed; CodedError a door refused everything
 */
export async function enviaTudo(opcoes: OpcoesDoEnvio): Promise<Envio> {
  const inicio = performance.now();
  const porFonte = produtores(opcoes);
  const envio: Envio = { enviados: 0, aceitos: { http: 0, kafka: 0 }, recusados: {}, segundos: 0 };
  const falhas: unknown[] = [];
  const respondido = (resultado: Resultado, transporte: 'http' | 'kafka'): void => {
    if (resultado.estado === 'aceito') envio.aceitos[transporte] += 1;
    else if (resultado.estado === 'recusado')
      envio.recusados[resultado.motivo] = (envio.recusados[resultado.motivo] ?? 0) + 1;
  };
  for (const { fonte, transporte, evento } of opcoes.eventos) {
    const produtor = porFonte.get(fonte);
    if (produtor === undefined || falhas.length > 0) break;
    await produtor.ready();
    produtor.forward(evento).then(
      (resultado) => respondido(resultado, transporte),
      (erro) => falhas.push(erro),
    );
    envio.enviados += 1;
    if (envio.enviados % FATIA !== 0) continue;
    opcoes.progresso(envio.enviados);
    await cede();
  }
  await Promise.all([...porFonte.values()].map((p) => p.close()));
  if (falhas.length > 0) throw falhas[0];
  opcoes.progresso(envio.enviados);
  envio.segundos = (performance.now() - inicio) / 1000;
  return envio;
}

/** An old system that writes to Kafka with neither the door nor the library: what it gets wrong nobody stops before. */
export async function escreveSemPorta(kafka: Kafka, codec: Codec<Interacao>, execucao: string): Promise<number> {
  const base: Interacao = {
    ...INTERACAO_VAZIA,
    source: 'sistema-legado',
    tipoInteracao: 'login',
    time: Date.parse('2026-03-02T10:15:00-03:00'),
    unidade: 'SP',
  };
  const ninguem = { pf: null, pj: null, naoIdentificado: null };
  const interacoes: Interacao[] = [
    { ...base, id: `${execucao}-l1`, cliente: { ...ninguem, pf: 'pf:sem-pseudonimo' } },
    {
      ...base,
      id: `${execucao}-l2`,
      cliente: { ...ninguem, pj: { id: 'pj:00000000000000', vinculo: 'enriquecimento' } },
    },
    { ...base, id: `${execucao}-l3`, unidade: 'XX' },
  ];
  const bytes = [
    Buffer.from('{"tipo":"login"}'),
    Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3]),
    Buffer.from([]),
    codec.encode({ ...base, id: `${execucao}-l4` }).subarray(0, 20),
    ...interacoes.map((i) => codec.encode(i)),
  ];
  const producer = await kafka.producer();
  try {
    await producer.send(bytes.map((value, n) => ({ topic: 'interacoes', key: `legado-${n}`, value })));
  } finally {
    await producer.close();
  }
  return bytes.length;
}
