import { varre } from '#platform/estado/geracoes.ts';
import type { RedisConnection } from '#platform/redis.ts';
import { consultoria, evento } from './events.ts';

/** Beside whom. */
export const JOANA = '11144477735';
export const CNPJ = '11222333000181';

const pf = (cpf: string) => ({ pf: { cpf } });
const comPj = (cpf: string) => ({ pf: { cpf }, pj: { cnpj: CNPJ, vinculo: 'indicacao' } });

const CON = { tipoSolucao: 'consultoria', solucaoId: 'CON' };

/** Everything that names a person: alone, beside a company, in an offer, in a list, not counting. */
export function historiaDe(cpf: string, n = 0) {
  const id = (nome: string): string => `${nome}-${n}`;
  const palestra = (oferta: string) => {
    return { tipoSolucao: 'palestra', solucaoId: 'PAL', disponibilizacaoId: id(oferta) };
  };
  const checkIn = (nome: string, oferta: string, quem: string) =>
    evento(id(nome), 'check-in', { ...palestra(oferta), cliente: comPj(quem) });
  const encerra = (nome: string, oferta: string, participantes?: object[]) =>
    evento(id(nome), 'consolidacao-disponibilizacao', { ...palestra(oferta), cliente: undefined, participantes });
  const consulta = (nome: string, cliente: object) => consultoria(id(nome), 'CON', { cliente });
  const estorna = (nome: string, estornada: string, cliente: object | undefined, outros: object) => {
    const dela = { source: 'crm', id: id(estornada) };
    return evento(id(nome), 'estorno', { ...outros, cliente, estornada: dela });
  };
  const responsaveis = [{ id: 'r1', papel: 'organizador' }];
  return {
    portfolio: {
      solucoes: [
        { id: 'CON', tipoSolucao: 'consultoria', nome: 'Consultoria' },
        { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra' },
      ],
      disponibilizacoes: ['P1', 'P2', 'P3'].map((nome) => ({ id: id(nome), solucaoId: 'PAL', responsaveis })),
    },
    antes: [
      consulta('c1', pf(cpf)),
      consulta('c2', comPj(cpf)),
      consulta('c3', comPj(JOANA)),
      evento(id('login'), 'login', { cliente: pf(cpf) }),
      checkIn('k1', 'P1', cpf),
      checkIn('k2', 'P1', JOANA),
      checkIn('k3', 'P3', cpf),
      encerra('e1', 'P1'),
      encerra('e2', 'P2', [{ cliente: comPj(cpf) }, { cliente: pf(JOANA) }]),
    ] as object[],
    /** Again, or late: of the forgotten nothing may count by it. */
    depois: [
      consulta('c1', pf(cpf)),
      consulta('c2', comPj(cpf)),
      consulta('c4', pf(cpf)),
      checkIn('k1', 'P1', cpf),
      checkIn('k4', 'P2', cpf),
      encerra('e3', 'P3', [{ cliente: pf(JOANA) }, { cliente: pf(cpf) }]),
      estorna('d1', 'c1', pf(cpf), CON),
      estorna('d2', 'e1', undefined, palestra('P1')),
    ] as object[],
    /** Of somebody never seen. */
    denovo: (): object[] => {
      const time = daquiAPouco();
      return [
        { ...consulta('n1', pf(cpf)), time },
        { ...estorna('d3', 'c1', pf(cpf), CON), time },
      ];
    },
  };
}

/** The last minutes that a clock ahead may say: of them alone is it certain that nothing before tells. */
const daquiAPouco = (): string => new Date(Date.now() + 298_000).toISOString();

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
