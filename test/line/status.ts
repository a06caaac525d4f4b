import { anosDe, publicoDe } from '#domain/cliente.ts';
import { codecFor } from '#platform/codec.ts';
import type { Conexoes } from '../../services/cli/conexoes.ts';

/** The years in which somebody is atendido, as `clientes-atendidos` has them: what it said last. */
async function anosDoTopico({ kafka, registry }: Conexoes): Promise<Set<string>> {
  const codec = await codecFor(registry, 'clientes-atendidos');
  const ultimo = new Map<string, boolean>();
  await kafka.readToEnd('clientes-atendidos', {
    onBatch: async ({ records }) => {
      for (const { key, value } of records) {
        ultimo.set(String(key), value !== null && (await codec.decode(value)).atendido);
      }
    },
  });
  return new Set([...ultimo].flatMap(([chave, atendido]) => (atendido ? [chave] : [])));
}

/** Clients' years on which `clientes-atendidos` and the state that is served do not agree. */
export async function statusDivergentes(conexoes: Conexoes): Promise<string[]> {
  const doTopico = await anosDoTopico(conexoes);
  const doEstado = new Set<string>();
  for await (const { titular, estado } of conexoes.leitor.titulares()) {
    if (publicoDe(titular) === 'nao-identificado') continue;
    for (const [ano, { atendido }] of Object.entries(anosDe(estado))) if (atendido) doEstado.add(`${titular}|${ano}`);
  }
  return [...[...doTopico].filter((um) => !doEstado.has(um)), ...[...doEstado].filter((um) => !doTopico.has(um))];
}
