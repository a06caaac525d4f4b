import type { Participacao } from '#domain/presenca.ts';
import { varre } from '#platform/estado/geracoes.ts';
import { apuracaoDasPresencas, PADRAO_DAS_PRESENCAS } from '#platform/estado/presencas.ts';
import { type RedisConnection, toRetryable } from '#platform/redis.ts';
import { iso, type Pessoa, recorteDoProprio } from './recorte.ts';

/** What Redis keeps of the person's presence in an offer. */
export interface PresencaGuardada {
  /** The offer (disponibilização). */
  oferta: string;
  /** The Redis key it stands in, and the apuração it belongs to. */
  chave: string;
  apuracao: number;
  participacao: Record<string, unknown>;
}

const OFERTA = /^[^:]*:\{p\d+\}:o:(.*)$/s;

function empresasDe({ checkIns, listas, viva }: Participacao): string[] {
  const pjs = [...checkIns.map(({ pj }) => pj), ...listas.map(({ cliente }) => cliente.pj), viva?.cliente.pj ?? null];
  return pjs.flatMap((pj) => (pj === null ? [] : [pj.id]));
}

async function daOferta(redis: RedisConnection, pessoa: Pessoa, chave: string): Promise<PresencaGuardada[]> {
  const oferta = OFERTA.exec(chave)?.[1];
  if (oferta === undefined) return [];
  const campos = await toRetryable(redis.hmget(chave, ...pessoa.ids));
  return campos
    .filter((campo) => campo !== null)
    .map((campo) => {
      const participacao = JSON.parse(campo) as Participacao;
      const empresas = participacao.pf === null ? [] : empresasDe(participacao);
      const checkIns = participacao.checkIns.map((c) => ({ ...c, time: iso(c.time) }));
      return {
        oferta,
        chave,
        apuracao: apuracaoDasPresencas(chave),
        participacao: recorteDoProprio(pessoa, { ...participacao, checkIns }, empresas),
      };
    });
}

/** The person's own part of every offer that Redis keeps, whichever apuração it is of. @throws RetryableError */
export async function lePresencas(redis: RedisConnection, pessoa: Pessoa): Promise<PresencaGuardada[]> {
  const achadas = new Map<string, PresencaGuardada>();
  for await (const chaves of varre(redis, PADRAO_DAS_PRESENCAS)) {
    const lidas = await Promise.all(chaves.map((chave) => daOferta(redis, pessoa, chave)));
    for (const presenca of lidas.flat()) achadas.set(`${presenca.chave} ${presenca.participacao.pf}`, presenca);
  }
  return [...achadas.values()];
}
