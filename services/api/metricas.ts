import { z } from 'zod';
import type { ContadorDeMetrica } from '#domain/indicadores.ts';
import { anoDe, diaDe } from '#domain/tempo.ts';
import { ErroHttp } from '#platform/http/erros.ts';

const CAMPOS = ['metrica', 'motivo', 'tipoSolucao', 'unidade', 'canal', 'dia'] as const;
type Campo = (typeof CAMPOS)[number];
const PADRAO: readonly Campo[] = ['metrica', 'motivo'];
const DIAS_NO_MAXIMO = 1_100;
const DIA_MS = 86_400_000;

const dia = z.iso.date();
const texto = z.string().min(1).max(512);

export const consultaDeMetricas = z.strictObject({
  de: dia.optional().describe('primeiro dia (padrão: 1º de janeiro deste ano)'),
  ate: dia.optional().describe('último dia, incluído (padrão: hoje)'),
  dia: dia.optional().describe('um dia só, em vez de de e ate'),
  metrica: texto.optional(),
  motivo: texto.optional(),
  tipoSolucao: texto.optional(),
  unidade: texto.optional(),
  canal: texto.optional(),
  agrupar: z
    .string()
    .default(PADRAO.join(','))
    .transform((lista) => lista.split(',').map((c) => c.trim()))
    .pipe(z.array(z.enum(CAMPOS)).min(1))
    .describe(`por que somar, com vírgulas: ${CAMPOS.join(', ')}`),
});
type Consulta = z.infer<typeof consultaDeMetricas>;

export const respostaDeMetricas = z.object({
  de: z.string(),
  ate: z.string(),
  agrupar: z.array(z.string()),
  total: z.number(),
  itens: z
    .array(
      z.object({
        metrica: z.string().optional(),
        motivo: z.string().optional(),
        tipoSolucao: z.string().nullable().optional(),
        unidade: z.string().optional(),
        canal: z.string().nullable().optional(),
        dia: z.string().optional(),
        n: z.number(),
      }),
    )
    .describe('do maior para o menor'),
});
type Resposta = z.infer<typeof respostaDeMetricas>;

/** The days asked for. @throws ErroHttp PARAMETRO_INVALIDO */
export function intervalo(q: Consulta, agora: number): { de: string; ate: string } {
  const de = q.dia ?? q.de ?? `${anoDe(agora)}-01-01`;
  const ate = q.dia ?? q.ate ?? diaDe(agora);
  if (ate < de) throw new ErroHttp('PARAMETRO_INVALIDO', `ate: ${ate} é antes de ${de}`);
  if ((Date.parse(ate) - Date.parse(de)) / DIA_MS > DIAS_NO_MAXIMO) {
    throw new ErroHttp('PARAMETRO_INVALIDO', `ate: peça no máximo ${DIAS_NO_MAXIMO} dias de cada vez`);
  }
  return { de, ate };
}

/** Absent is null, as everywhere; the counters' names have it empty. */
function valorDe(c: ContadorDeMetrica, campo: Campo): string | null {
  return c[campo] === '' ? null : c[campo];
}

/** The counters that pass the filters, summed by the fields asked for. */
export function agrupa(
  contadores: readonly (ContadorDeMetrica & { n: number })[],
  q: Consulta,
): Pick<Resposta, 'total' | 'itens'> {
  const filtros = (['metrica', 'motivo', 'tipoSolucao', 'unidade', 'canal'] as const).filter((f) => q[f] !== undefined);
  const grupos = new Map<string, Resposta['itens'][number]>();
  let total = 0;
  for (const c of contadores) {
    if (!filtros.every((f) => c[f] === q[f])) continue;
    total += c.n;
    const valores = q.agrupar.map((campo) => [campo, valorDe(c, campo)] as const);
    const nome = JSON.stringify(valores);
    const grupo = grupos.get(nome);
    if (grupo === undefined) grupos.set(nome, { ...Object.fromEntries(valores), n: c.n });
    else grupo.n += c.n;
  }
  const ordenados = [...grupos].sort(([a, x], [b, y]) => y.n - x.n || (a < b ? -1 : 1));
  return { total, itens: ordenados.map(([, g]) => g) };
}
