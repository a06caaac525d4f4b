import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PREFIXO_TIPO } from '#domain/interacao.ts';
import { lePortfolio, type PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';

/** The cases of a rulebook version, one folder each (`rulebook/casos/<versao>`). */
export const PASTA_DE_CASOS = join(import.meta.dirname, '..', '..', 'rulebook', 'casos');
const PORTFOLIO = join(import.meta.dirname, 'portfolio.json');

const dados = z.record(z.string(), z.unknown());
const totais = z.record(z.string(), z.record(z.string(), z.number()));
const evento = z.strictObject({
  id: z.string().optional(),
  source: z.string().optional(),
  interacao: z.string().optional(),
  time: z.string().optional(),
  cliente: z.string().optional(),
  dados: dados.optional(),
});

const espera = z.strictObject({
  conta: z.string().optional(),
  'nao-conta': z.string().optional(),
  quarentena: z.string().optional(),
  metrica: z.string().optional(),
  regra: z.string().nullable().optional(),
  rulebook: z.string().optional(),
  modalidade: z.string().optional(),
  creditos: z.array(z.string()).optional(),
  chave: z.string().optional(),
});

const grupo = <C extends z.ZodType>(casos: C) =>
  z.strictObject({
    clausula: z.string(),
    titulo: z.string(),
    interacao: z.string(),
    cliente: z.string().optional(),
    base: dados,
    casos: z.array(casos).min(1),
  });

const grupoDeDecisoes = grupo(evento.extend({ caso: z.string(), espera }));
const grupoDeContagens = grupo(
  z.strictObject({
    caso: z.string(),
    interacao: z.string().optional(),
    eventos: z.array(evento).min(1),
    periodo: z.string().optional(),
    agora: z.string().optional(),
    espera: z.record(z.string(), z.tuple([z.number(), z.number()])),
    metricas: totais.optional(),
    quarentena: z.record(z.string(), z.number()).optional(),
  }),
);

const padrao = z.strictObject({
  padrao: z.strictObject({ agora: z.string(), time: z.string(), unidade: z.string(), cliente: z.string() }),
  clientes: z.record(z.string(), z.unknown()),
  portfolio: z.strictObject({ solucoes: z.array(z.unknown()), disponibilizacoes: z.array(z.unknown()) }),
});
type Padrao = z.infer<typeof padrao>;
type Curto = z.infer<typeof evento>;

/** One event and the decision expected of it. */
export interface CasoDeDecisao {
  nome: string;
  evento: Record<string, unknown>;
  /** The clock of whoever decides (ms). */
  agora: number;
  tipoSolucao: unknown;
  canal: unknown;
  resultado: 'contabiliza' | 'nao-contabiliza' | 'quarentena';
  motivo: string;
  /** What else must hold; `creditos` by prefix. */
  resto: Record<string, unknown>;
}

/** A sequence of events and the totals it ends in. */
export interface CasoDeContagem {
  nome: string;
  eventos: Record<string, unknown>[];
  agora: number;
  periodo: string;
  /** By indicator: clientes, atendimentos. */
  espera: Record<string, [number, number]>;
  metricas: Record<string, Record<string, number>>;
  quarentena: Record<string, number>;
}

const leYaml = (arquivo: string): unknown => parse(readFileSync(arquivo, 'utf8'));

function clienteDe(nome: string, { clientes }: Padrao): unknown {
  if (!Object.hasOwn(clientes, nome)) throw new Error(`o cliente '${nome}' não está em padrao.yaml`);
  return clientes[nome];
}

function eventoDe(e: Curto, grupo: { interacao: string; cliente?: string | undefined }, base: object, p: Padrao) {
  const campos: Record<string, unknown> = { unidade: p.padrao.unidade, ...base, ...e.dados };
  const cliente = clienteDe(e.cliente ?? grupo.cliente ?? p.padrao.cliente, p);
  if (Array.isArray(campos.participantes)) {
    campos.participantes = campos.participantes.map((x: Record<string, unknown>) =>
      typeof x.cliente === 'string' ? { ...x, cliente: clienteDe(x.cliente, p) } : x,
    );
  }
  const data = Object.fromEntries(Object.entries({ ...campos, cliente }).filter(([, v]) => v !== null));
  return {
    specversion: '1.0',
    id: e.id ?? 'caso',
    source: e.source ?? 'casos',
    type: PREFIXO_TIPO + (e.interacao ?? grupo.interacao),
    time: e.time ?? p.padrao.time,
    data,
  };
}

function resultadoDe(nome: string, e: z.infer<typeof espera>): Pick<CasoDeDecisao, 'resultado' | 'motivo'> {
  const ditos = [
    { resultado: 'contabiliza' as const, motivo: e.conta },
    { resultado: 'nao-contabiliza' as const, motivo: e['nao-conta'] },
    { resultado: 'quarentena' as const, motivo: e.quarentena },
  ].filter((d) => d.motivo !== undefined);
  const [dito] = ditos;
  if (dito?.motivo === undefined || ditos.length > 1) {
    throw new Error(`${nome}: espera exatamente um entre conta, nao-conta e quarentena`);
  }
  return { resultado: dito.resultado, motivo: dito.motivo };
}

/** The versions that have cases. */
export function versoesComCasos(): string[] {
  return readdirSync(PASTA_DE_CASOS).sort();
}

/** Every case of a version. */
export function carregaCasos(versao: string): {
  portfolio: PortfolioEmMemoria;
  decisoes: CasoDeDecisao[];
  contagens: CasoDeContagem[];
} {
  const pasta = join(PASTA_DE_CASOS, versao);
  const p = padrao.parse(leYaml(join(pasta, 'padrao.yaml')));
  const arquivos = readdirSync(pasta).filter(
    (n) => n.endsWith('.yaml') && !['padrao.yaml', 'contagem.yaml'].includes(n),
  );
  const decisoes = arquivos.sort().flatMap((arquivo) =>
    z
      .array(grupoDeDecisoes)
      .parse(leYaml(join(pasta, arquivo)))
      .flatMap((g) =>
        g.casos.map(({ caso, espera: e, ...curto }): CasoDeDecisao => {
          const nome = `${g.clausula} ${g.titulo}: ${caso}`;
          const pronto = eventoDe(curto, g, g.base, p);
          const { conta: _c, 'nao-conta': _n, quarentena: _q, ...resto } = e;
          const { tipoSolucao, canal } = pronto.data;
          return {
            nome,
            evento: pronto,
            agora: Date.parse(p.padrao.agora),
            tipoSolucao,
            canal,
            ...resultadoDe(nome, e),
            resto,
          };
        }),
      ),
  );
  const contagens = z
    .array(grupoDeContagens)
    .parse(leYaml(join(pasta, 'contagem.yaml')))
    .flatMap((g) =>
      g.casos.map(
        (c): CasoDeContagem => ({
          nome: `${g.clausula} ${g.titulo}: ${c.caso}`,
          eventos: c.eventos.map((e, n) => eventoDe({ ...e, id: e.id ?? `e${n}` }, g, g.base, p)),
          agora: Date.parse(c.agora ?? p.padrao.agora),
          periodo: c.periodo ?? p.padrao.time.slice(0, 4),
          espera: c.espera,
          metricas: c.metricas ?? {},
          quarentena: c.quarentena ?? {},
        }),
      ),
    );
  return { portfolio: lePortfolioCom(p), decisoes, contagens };
}

function lePortfolioCom(p?: Padrao): PortfolioEmMemoria {
  const dado = JSON.parse(readFileSync(PORTFOLIO, 'utf8')) as { solucoes: unknown[]; disponibilizacoes: unknown[] };
  const lido = lePortfolio({
    solucoes: [...dado.solucoes, ...(p?.portfolio.solucoes ?? [])],
    disponibilizacoes: [...dado.disponibilizacoes, ...(p?.portfolio.disponibilizacoes ?? [])],
  });
  if (!lido.ok) throw new Error(lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('\n'));
  return lido.valor;
}

/** The portfolio of test/cases. */
export function portfolioDosCasos(): PortfolioEmMemoria {
  return lePortfolioCom();
}
