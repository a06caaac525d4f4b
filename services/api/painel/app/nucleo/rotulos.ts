import { signal } from '@preact/signals';
import type { Rotulos } from '../../rotulos.ts';
import { busca } from './api.ts';

/** The names of today's codes; null until they came. */
export const rotulos = signal<Rotulos | null>(null);

let pedindo = false;

/** Asks for the names once; a page without them shows codes. */
export async function pedeRotulos(): Promise<void> {
  if (pedindo || rotulos.value !== null) return;
  pedindo = true;
  try {
    rotulos.value = await busca<Rotulos>('/painel/dados/rotulos');
  } catch {
    // The next page asks again.
  }
  pedindo = false;
}

export const nomeDoTipo = (codigo: string): string => rotulos.value?.tipos[codigo]?.nome ?? codigo;
/** The types of solution, as a filter offers them. */
export const opcoesDeTipo = () =>
  Object.entries(rotulos.value?.tipos ?? {}).map(([codigo, { nome }]) => [codigo, nome] as const);
export const nomeDaUnidade = (sigla: string): string => (sigla === 'NA' ? 'Nacional' : sigla);
export const nomeDoMotivo = (codigo: string): string => rotulos.value?.motivos[codigo] ?? codigo;

const PROPOSTAS: Readonly<Record<string, string>> = {
  'acesso-servicos': 'Acesso a serviços',
  capacitacao: 'Capacitação',
  conhecimento: 'Conhecimento',
  evento: 'Evento',
  intervencao: 'Intervenção',
  'oportunidade-negocios': 'Oportunidade de negócios',
};
export const nomeDaProposta = (codigo: string): string => PROPOSTAS[codigo] ?? codigo;

const MODALIDADES: Readonly<Record<string, string>> = { presencial: 'presencial', 'a-distancia': 'a distância' };
export const nomeDaModalidade = (codigo: string): string => MODALIDADES[codigo] ?? codigo;

const METRICAS: Readonly<Record<string, string>> = {
  informacao: 'informação',
  comercializacao: 'comercialização',
  ausencia: 'ausência',
};
export const nomeDaMetrica = (codigo: string): string => METRICAS[codigo] ?? codigo;
