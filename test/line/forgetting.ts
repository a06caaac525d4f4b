import { varre } from '#platform/estado/geracoes.ts';
import type { RedisConnection } from '#platform/redis.ts';
import { consultoria, evento } from './events.ts';

/** Who asks to be forgotten, who does not, and a company. */
export const MARIA = '52998224725';
export const JOANA = '11144477735';
export const CNPJ = '11222333000181';

const pf = (cpf: string) => ({ pf: { cpf } });
const comPj = (cpf: string) => ({ pf: { cpf }, pj: { cnpj: CNPJ, vinculo: 'indicacao' } });
const palestra = (oferta: string) => ({ tipoSolucao: 'palestra', solucaoId: 'PAL', disponibilizacaoId: oferta });

export const PORTFOLIO = {
  solucoes: [
    { id: 'CON', tipoSolucao: 'consultoria', nome: 'Consultoria' },
    { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra' },
  ],
  disponibilizacoes: ['P1', 'P2', 'P3'].map((id) => ({
    id,
    solucaoId: 'PAL',
    responsaveis: [{ id: 'r1', papel: 'organizador' }],
  })),
};

export const checkIn = (id: string, oferta: string, cpf: string, outros: object = {}) =>
  evento(id, 'check-in', { ...palestra(oferta), cliente: comPj(cpf), ...outros });

export const encerramento = (id: string, oferta: string, lista?: object[]) =>
  evento(id, 'consolidacao-disponibilizacao', { ...palestra(oferta), cliente: undefined, participantes: lista });

export const desfaz = (id: string, estornada: string, outros: object = {}) =>
  evento(id, 'estorno', {
    tipoSolucao: 'consultoria',
    solucaoId: 'CON',
    estornada: { source: 'crm', id: estornada },
    ...outros,
  });

/** A story with everything in it that names a person: alone, beside a company, in an offer, in a list, not counting. */
export const HISTORIA: object[] = [
  consultoria('c1', 'CON', { cliente: pf(MARIA) }),
  consultoria('c2', 'CON', { cliente: comPj(MARIA) }),
  consultoria('c3', 'CON', { cliente: comPj(JOANA) }),
  evento('login', 'login', { cliente: pf(MARIA) }),
  checkIn('k1', 'P1', MARIA),
  checkIn('k2', 'P1', JOANA),
  checkIn('k3', 'P3', MARIA),
  encerramento('e1', 'P1'),
  encerramento('e2', 'P2', [{ cliente: comPj(MARIA) }, { cliente: pf(JOANA) }]),
];

/** What came before, come again or late: of the forgotten nothing may count by it. */
export const DEPOIS: object[] = [
  consultoria('c1', 'CON', { cliente: pf(MARIA) }),
  consultoria('c2', 'CON', { cliente: comPj(MARIA) }),
  consultoria('c4', 'CON', { cliente: pf(MARIA) }),
  checkIn('k1', 'P1', MARIA),
  checkIn('k4', 'P2', MARIA),
  encerramento('e3', 'P3', [{ cliente: pf(JOANA) }, { cliente: pf(MARIA) }]),
  desfaz('d1', 'c1', { cliente: pf(MARIA) }),
];

/** The last minutes that a clock ahead may say: of them alone is it certain that nothing before tells. */
export const agora = () => new Date(Date.now() + 298_000).toISOString();

/** Where a text stands in Redis. */
export async function onde(redis: RedisConnection, texto: string): Promise<string[]> {
  const achadas: string[] = [];
  for await (const chaves of varre(redis, '*')) {
    for (const chave of chaves) {
      if (chave.includes(texto) || (await conteudo(redis, chave)).includes(texto)) achadas.push(chave);
    }
  }
  return achadas;
}

async function conteudo(redis: RedisConnection, chave: string): Promise<string> {
  switch (await redis.type(chave)) {
    case 'string':
      return (await redis.getBuffer(chave))?.toString('latin1') ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(chave));
    case 'set':
      return (await redis.smembers(chave)).join();
    default:
      throw new Error(`${chave} não é texto, hash nem conjunto`);
  }
}
