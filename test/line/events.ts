import { lePortfolio } from '#domain/portfolio-esquema.ts';
import { type Line, recordsOf, sendPortfolio } from './line.ts';

/** As much of a line as records are sent with. */
type Servers = Pick<Line, 'producer' | 'registry' | 'config'>;

/** The client of an event that names no other. */
export const CPF = '52998224725';

/** Registers solutions and offers. */
export async function cadastra(
  line: Servers,
  portfolio: { solucoes?: object[]; disponibilizacoes?: object[] },
): Promise<void> {
  const lido = lePortfolio({ solucoes: [], disponibilizacoes: [], ...portfolio });
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  await sendPortfolio(line, lido.valor);
}

export function evento(id: string, tipo: string, data: object) {
  const time = '2026-03-02T10:15:00-03:00';
  const type = `br.com.sebrae.interacao.${tipo}`;
  const base = { unidade: 'SP', canal: 'agencia', cliente: { pf: { cpf: CPF } } };
  return { specversion: '1.0', id, source: 'crm', type, time, data: { ...base, ...data } };
}

/** Long enough to count. */
export function consultoria(id: string, solucaoId: string, data: object = {}) {
  const responsavel = { id: 'r1', papel: 'consultor' };
  return evento(id, 'atendimento', { tipoSolucao: 'consultoria', solucaoId, duracaoMin: 90, responsavel, ...data });
}

export async function envia(line: Servers, ...eventos: object[]): Promise<void> {
  await line.producer.send(await recordsOf(line, eventos));
}
