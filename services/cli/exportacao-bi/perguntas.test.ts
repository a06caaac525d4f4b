import { expect, it } from 'vitest';
import { decidida, pergunta } from './pasta-fixture.ts';
import { perguntas } from './perguntas-fixture.ts';

const sqlDa = (numero: number): string => perguntas().get(numero) ?? '';

const NAO_CONTA = { contabiliza: false, metrica: 'comercializacao', motivo: 'COMERCIALIZACAO' as const };
const dia = (n: number) => Date.parse(`2026-03-0${n}T13:00:00Z`);
const de = (nome: string) => ({ pf: `pf:${nome.padEnd(22, '_')}`, pj: null, naoIdentificado: null });
const conta = (cliente: { pf: string }, chave: string) => ({ creditos: [cliente.pf], chave });
let feitas = 0;
function id(): string {
  feitas += 1;
  return `e${feitas}`;
}

it('4: who signed up and was served afterwards, once however often', async () => {
  const [ana, bia, caio] = [de('ana'), de('bia'), de('caio')];
  const curso = { tipoSolucao: 'curso', solucaoId: 'C1' };
  const inscreve = (cliente: typeof ana, time: number) =>
    decidida({ id: id(), tipoInteracao: 'inscricao', ...curso, cliente, time }, NAO_CONTA);
  const atende = (cliente: typeof ana, time: number) =>
    decidida({ id: id(), ...curso, cliente, time }, conta(cliente, id()));
  const linhas = await pergunta(sqlDa(4), [
    ...[inscreve(ana, dia(2)), inscreve(ana, dia(1)), atende(ana, dia(3)), atende(ana, dia(4))],
    // Served before, and not since.
    ...[inscreve(bia, dia(5)), atende(bia, dia(2))],
    atende(caio, dia(2)),
  ]);
  expect(linhas).toEqual([{ tipo_solucao: 'curso', inscritos: '2', atendidos: '1', conversao_por_cento: 50 }]);
});

it('5: FAMPE by institution, without what was taken back', async () => {
  const contrato = (contratoId: string, instituicaoFinanceira: string, valor: number) =>
    decidida(
      { id: contratoId, tipoSolucao: 'garantia-fampe', contratoId, instituicaoFinanceira, valor, cliente: de('e') },
      conta(de('e'), contratoId),
    );
  const estorno = decidida(
    { id: 'x', tipoInteracao: 'estorno', cliente: de('e'), estornada: { source: 'crm', id: 'c3' } },
    { contabiliza: false, metrica: 'jornada', motivo: 'ESTORNO' },
  );
  const contratos = [contrato('c1', 'Banco A', 10.5), contrato('c2', 'Banco A', 20), contrato('c3', 'Banco B', 1)];
  expect(await pergunta(sqlDa(5), [...contratos, estorno])).toEqual([
    { instituicao_financeira: 'Banco A', contratos: '2', empresas: '1', valor: 30.5 },
  ]);
});

it('9: self-instructional courses begun, ended and given up', async () => {
  const passo = (quem: string, parte: { momento?: string; tipoInteracao?: string }) => {
    const curso = { tipoSolucao: 'curso-autoinstrucional', solucaoId: 'CA' };
    return decidida({ id: id(), tipoInteracao: 'momento-digital', ...curso, cliente: de(quem), ...parte }, NAO_CONTA);
  };
  const linhas = await pergunta(sqlDa(9), [
    ...[passo('ana', { momento: 'inicio' }), passo('ana', { momento: '100' })],
    ...[passo('bia', { momento: 'inicio' }), passo('bia', { tipoInteracao: 'abandono' })],
    passo('caio', { momento: 'inicio' }),
    // Its beginning is not among what was exported.
    passo('davi', { momento: '100' }),
  ]);
  expect(linhas).toEqual([{ solucao_id: 'CA', iniciados: '3', concluidos: '1', abandonados: '1' }]);
});

it('10: no-shows against what was booked', async () => {
  const um = (tipoInteracao: string, unidade: string) => decidida({ id: id(), tipoInteracao, unidade }, NAO_CONTA);
  const feitos = [um('agendamento', 'SP'), um('agendamento', 'SP'), um('ausencia', 'SP'), um('ausencia', 'RJ')];
  expect(await pergunta(sqlDa(10), feitos)).toEqual([
    { unidade: 'RJ', agendamentos: '0', ausencias: '1', por_cento: null },
    { unidade: 'SP', agendamentos: '2', ausencias: '1', por_cento: 50 },
  ]);
});
