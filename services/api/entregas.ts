import { z } from 'zod';
import type { EstadoCliente } from '#domain/cliente.ts';
import { type Entrega, historico, SITUACOES } from '#domain/historico.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { csvDe } from './csv.ts';
import { comFormato } from './leitura.ts';
import { type Chave, pagina, parametrosDePagina } from './pagina.ts';

export const consultaDeEntregas = z.strictObject({
  ano: z
    .string()
    .regex(/^[1-9]\d{3}$/, 'use 2026')
    .optional(),
  tipoSolucao: z.string().min(1).max(512).optional(),
  situacao: z.enum(SITUACOES).optional(),
  ...parametrosDePagina(100, 10_000),
  ...comFormato,
});
type Consulta = z.infer<typeof consultaDeEntregas>;

const item = z.object({
  time: z.string().describe('ISO 8601'),
  dia: z.string().describe('em America/Sao_Paulo: decide o ano e o mês'),
  tipoSolucao: z.string(),
  nome: z.string().nullable().describe('do tipo'),
  propostaValor: z.string().nullable(),
  regra: z.string().nullable().describe('a cláusula das Diretrizes pela qual conta: a do tipo, no rulebook de então'),
  rulebook: z.string(),
  unidade: z.string(),
  modalidade: z.string(),
  quantidade: z.number(),
  situacao: z
    .enum(SITUACOES)
    .describe('conta; repetida: outra, anterior, é a mesma entrega (mesma chave); ou estornada'),
  chave: z.string().describe('o que identifica a entrega'),
  source: z.string(),
  evento: z.string().describe('o id da interação na sua fonte'),
});
type Item = z.infer<typeof item>;

export const respostaDeEntregas = z.object({
  id: z.string(),
  total: z.number().describe('de todas as páginas'),
  itens: z.array(item).describe('da mais nova para a mais antiga'),
  proximo: z.string().nullable().describe('o endereço da próxima página; nulo: não há'),
});
/** A page; `proximo` is only the cursor of the next one. */
export type PaginaDeEntregas = z.infer<typeof respostaDeEntregas>;

function itemDe({ id: evento, time, comPj: _, ladoDePf: __, desfeito: ___, ...e }: Entrega): Item {
  return { ...e, evento, time: new Date(time).toISOString() };
}

const chaveDe = (e: Entrega): Chave => [e.time, e.source, e.id];

/** A client's counting interactions, a page of them. @throws ErroHttp PARAMETRO_INVALIDO a cursor of another query */
export function entregasDoCliente(id: string, estado: EstadoCliente, rulebooks: Rulebooks, q: Consulta) {
  const { ano, tipoSolucao, situacao, limite, cursor } = q;
  const itens = historico(estado, rulebooks).filter((e) => {
    return (
      (ano ?? e.dia.slice(0, 4)) === e.dia.slice(0, 4) &&
      (tipoSolucao ?? e.tipoSolucao) === e.tipoSolucao &&
      (situacao ?? e.situacao) === e.situacao
    );
  });
  const consulta = { id, ano, tipoSolucao, situacao };
  const dela = pagina({ itens, chaveDe, decrescente: [0], limite, cursor, consulta });
  return { id, total: itens.length, itens: dela.itens.map(itemDe), proximo: dela.proximo };
}

const COLUNAS = item.keyof().options;

export const csvDeEntregas = ({ itens }: PaginaDeEntregas): string => csvDe(COLUNAS, itens);
