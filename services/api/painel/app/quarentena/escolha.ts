import { comConsulta } from '../nucleo/rota.ts';

const CAMPOS = ['motivo', 'fonte', 'unidade', 'tipo', 'dia', 'situacao'] as const;

/** What is chosen of the list, as the address has it; empty: all. */
export type Escolha = Record<(typeof CAMPOS)[number], string>;

/** Nothing chosen. */
export const TUDO: Escolha = { motivo: '', fonte: '', unidade: '', tipo: '', dia: '', situacao: '' };

export function escolhaDe(consulta: URLSearchParams): Escolha {
  const escolha = { ...TUDO };
  for (const campo of CAMPOS) escolha[campo] = consulta.get(campo) ?? '';
  return escolha;
}

/** As the page's own address has it; the open record beside it. */
export const naConsulta = (escolha: Escolha, id?: string): Record<string, string> => {
  return id === undefined ? { ...escolha } : { ...escolha, id };
};

/** As the api takes it; what is not chosen is left out. */
export function filtrosDe({ motivo, fonte, unidade, tipo, dia, situacao }: Escolha): Record<string, string> {
  const todos = { motivo, source: fonte, unidade, tipoSolucao: tipo, dia, situacao };
  return Object.fromEntries(Object.entries(todos).filter(([, valor]) => valor !== ''));
}

const POR_PAGINA = '50';

/** Where the chosen records are. */
export function caminhoDaLista(escolha: Escolha): string {
  return comConsulta('/painel/dados/quarentena/registros', { ...filtrosDe(escolha), limite: POR_PAGINA });
}

/** Whether what is chosen can be put back together: some of what waits, not all there is. */
export function seReenvia(escolha: Escolha): boolean {
  const { situacao: _, ...campos } = escolha;
  const algum = Object.values(campos).some((valor) => valor !== '');
  return algum && ['', 'espera', 'intocada', 'corrigida'].includes(escolha.situacao);
}
