import { z } from 'zod';
import { anosDe, type EstadoCliente } from '#domain/cliente.ts';
import { idDaPj, idDoDocumento, normalizaDocumento, PSEUDONIMO_PF, type Pseudonimizador } from '#domain/documento.ts';
import type { Esquecimentos } from '#domain/esquecimento.ts';
import { indicadoresDoCliente } from '#domain/indicadores.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { csv } from './csv.ts';

const ID_DE_PJ = /^pj:[A-Z0-9]{12}\d{2}$/;
const FORMA_DE_CPF = /^\d{11}$/;
const FORMA_DE_CNPJ = /^[A-Z0-9]{12}\d{2}$/;

const ano = z.object({
  atendido: z.boolean(),
  atendimentos: z.number().describe('entregas contabilizadas'),
  primeiro: z.string().nullable().describe('ISO 8601, da primeira entrega'),
  ultimo: z.string().nullable(),
  porTipo: z.record(z.string(), z.number()),
  outrasMetricas: z.record(z.string(), z.number()).describe('interações que não contabilizam, por métrica'),
  indicadores: z.array(z.object({ codigo: z.string(), periodo: z.string(), atendimentos: z.number() })),
});
export const respostaDeCliente = z.object({
  id: z.string().describe('pf: e um pseudônimo, ou pj: e o CNPJ'),
  anos: z.record(z.string(), ano),
});
export type RespostaDeCliente = z.infer<typeof respostaDeCliente>;

/** What is wrong with what is no client, and what one is. */
function recusa(texto: string): ErroHttp {
  const normal = normalizaDocumento(texto);
  const confira = (qual: string) => `os dígitos verificadores do ${qual} não conferem`;
  if (FORMA_DE_CPF.test(normal)) return new ErroHttp('CPF_INVALIDO', confira('CPF'));
  if (FORMA_DE_CNPJ.test(normal)) return new ErroHttp('CNPJ_INVALIDO', confira('CNPJ'));
  const esperado = 'um CPF (11 dígitos), um CNPJ (14 dígitos ou letras) nem o id de um cliente';
  return new ErroHttp('CNPJ_INVALIDO', `não é ${esperado} (pf: e 22 caracteres, ou pj: e o CNPJ)`);
}

/**
 * The client id of what stands in the address: a CPF, a CNPJ (punctuation accepted) or the id itself.
 * @throws ErroHttp CPF_INVALIDO, CNPJ_INVALIDO
 */
function idDoCliente(texto: string, pseudonimo: Pseudonimizador): string {
  if (PSEUDONIMO_PF.test(texto)) return texto;
  const pj = texto.startsWith('pj:') ? idDaPj(texto.slice('pj:'.length)) : null;
  if (pj !== null && ID_DE_PJ.test(pj)) return pj;
  const id = idDoDocumento(texto, pseudonimo);
  if (id === null) throw recusa(texto);
  return id;
}

/** The id that the document named stands for now: a person who was forgotten has another since. */
export function idDeAgora(
  texto: string,
  { pseudonimo, esquecimentos }: { pseudonimo: Pseudonimizador; esquecimentos: Pick<Esquecimentos, 'nomeAtual'> },
): string {
  return idDoCliente(texto, (cpf) => esquecimentos.nomeAtual(pseudonimo(cpf)));
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** The indicators a client counts in, by year. */
const indicadoresDe = (id: string, estado: EstadoCliente, rulebooks: Rulebooks) =>
  Map.groupBy(indicadoresDoCliente(id, estado, rulebooks), ({ periodo }) => periodo.slice(0, 4));

/** A client's status as the API answers it. */
export function situacao(id: string, estado: EstadoCliente, rulebooks: Rulebooks): RespostaDeCliente {
  const indicadores = indicadoresDe(id, estado, rulebooks);
  const anos: RespostaDeCliente['anos'] = {};
  for (const [qual, a] of Object.entries(anosDe(estado))) {
    anos[qual] = { ...a, primeiro: iso(a.primeiro), ultimo: iso(a.ultimo), indicadores: indicadores.get(qual) ?? [] };
  }
  return { id, anos };
}

/** The years alone: what counts in each, one by one, is the deliveries' table. */
export function csvDaSituacao({ id, anos }: RespostaDeCliente): string {
  const linhas = Object.entries(anos).map(([ano, a]) => [id, ano, a.atendido, a.atendimentos, a.primeiro, a.ultimo]);
  return csv(['id', 'ano', 'atendido', 'atendimentos', 'primeiro', 'ultimo'], linhas);
}
