import { Esquecimentos } from '#domain/esquecimento.ts';
import { INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';
import type { ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import type { EmQuarentena } from '#platform/quarentena/registros.ts';
import { type Entrada, entradaDe } from './entrada.ts';
import { Indice } from './indice.ts';

export const MARIA = 'pf:MMMMMMMMMMMMMMMMMMMMMM';
export const AGORA = Date.parse('2026-03-15T12:00:00-03:00');
/** When Maria was forgotten. */
const ORDEM_EM = AGORA - 3_600_000;

export const emQuarentena = (
  id: string,
  registro: Partial<EmQuarentena['registro']> = {},
  em = AGORA,
): EmQuarentena => {
  const bytes = { chave: null, valor: null, cabecalhos: {} };
  const origem = { topico: 'interacoes', particao: 0, posicao: Number(id.split('/')[1]), recebidaEm: em };
  const porque = { estagio: 'classifier', motivo: 'A', detalhe: 'porque sim', rulebook: 'r', tentativa: 1 };
  return {
    ...{ id, postaEm: em },
    registro: { ...bytes, ...origem, ...porque, source: 'crm', id: `e-${id}`, apuracao: 0, ...registro },
  };
};

export const interacao = (parte: Partial<Interacao> = {}): Interacao => {
  return { ...INTERACAO_VAZIA, source: 'crm', id: 'e', time: ORDEM_EM - 60_000, unidade: 'SP', ...parte };
};

export const cliente = (pf: string | null, pj: string | null = null): Interacao['cliente'] => {
  return { pf, pj: pj === null ? null : { id: pj, vinculo: 'indicacao' }, naoIdentificado: null };
};

/** An entry of a record set aside at an instant (ms). */
export const entrada = (
  id: string,
  {
    em = AGORA,
    de = interacao(),
    ...registro
  }: Partial<EmQuarentena['registro']> & { em?: number; de?: Interacao } = {},
): Entrada => entradaDe(emQuarentena(id, registro, em), de);

/** Where `MARIA` was forgotten at offset 100 of `interacoes`. */
export function esquecida(): Esquecimentos {
  const esquecimentos = new Esquecimentos();
  esquecimentos.registra({
    ...{ numero: 1, titular: MARIA, nome: 'pf:NNNNNNNNNNNNNNNNNNNNNN', por: 'ana', em: ORDEM_EM, anunciado: false },
    ...{ desde: ORDEM_EM, limites: { interacoes: [100], presencas: [100] }, fechamentos: [] },
  });
  return esquecimentos;
}

/** An index, and what was done about its records. */
export function comIndice(maximo?: number, esquecimentos = new Esquecimentos()) {
  const feitos = new Map<string, ResolucaoDeQuarentena>();
  const resolvida = (id: string): boolean => (feitos.get(id)?.reenvio ?? null) !== null;
  const resolucoes = { de: (id: string) => feitos.get(id), resolvida };
  const indice = new Indice(resolvida, maximo);
  return {
    ...{ indice, resolucoes, esquecimentos },
    corrige: (id: string) => {
      const correcao = { topico: 'interacoes', chave: 'k', valor: Buffer.alloc(0), por: 'ana', em: AGORA };
      feitos.set(id, { correcao, reenvio: null });
    },
    reenvia: (id: string) =>
      feitos.set(id, { correcao: null, reenvio: { por: 'bia', em: AGORA, tentativa: 2, execucao: 'x' } }),
    desfaz: (id: string) => feitos.delete(id),
  };
}
