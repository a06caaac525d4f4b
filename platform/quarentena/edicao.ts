import { CodedError } from '#platform/errors.ts';

type Objeto = Record<string, unknown>;

/** One `campo=valor` of the command line; `valor` undefined: the field goes. */
export interface Edicao {
  caminho: readonly string[];
  valor: unknown;
}

const ATRIBUTOS = new Set(['source', 'id', 'type', 'time']);
const CAMINHO = /^[A-Za-z]+(\.[A-Za-z]+)*$/;

function valorDe(texto: string): unknown {
  if (texto === '') return undefined;
  // A CPF or CNPJ: no number of the contract is so long.
  if (/^\d{11,}$/.test(texto)) return texto;
  try {
    return JSON.parse(texto);
  } catch {
    return texto;
  }
}

/**
 * Reads `campo=valor`: a field of `data`, or of the event (source, id, type, time); the value is JSON, and text where it
 * is none; nothing takes the field out.
 * @throws CodedError EDICAO_INVALIDA
 */
export function leEdicao(texto: string): Edicao {
  const [, campo = '', valor = ''] = /^([^=]*)=(.*)$/s.exec(texto) ?? [];
  if (!CAMINHO.test(campo)) {
    const saida = 'escreva campo=valor, como solucaoId=CA-100 ou cliente.pj.vinculo=enriquecimento';
    throw new CodedError('EDICAO_INVALIDA', `--set: ${saida}`, { exitCode: 2 });
  }
  return { caminho: campo.split('.'), valor: valorDe(valor) };
}

function objetoEm(pai: Objeto, nome: string): Objeto {
  const atual = pai[nome];
  const filho = typeof atual === 'object' && atual !== null ? (atual as Objeto) : {};
  pai[nome] = filho;
  return filho;
}

/** Edits an event in place. */
export function edita(evento: Objeto, edicoes: readonly Edicao[]): void {
  for (const { caminho, valor } of edicoes) {
    const raiz = ATRIBUTOS.has(caminho[0] ?? '') ? evento : objetoEm(evento, 'data');
    const pai = caminho.slice(0, -1).reduce(objetoEm, raiz);
    const ultimo = caminho.at(-1) ?? '';
    if (valor === undefined) delete pai[ultimo];
    else pai[ultimo] = valor;
  }
}

/** Whether the edits say who the participants of a closing are, or that there are none. */
export function tocaParticipantes(edicoes: readonly Edicao[]): boolean {
  return edicoes.some(({ caminho: [campo] }) => campo === 'participantes');
}

/** Whether the edits say who the PF is, or that there is none. */
export function tocaPf(edicoes: readonly Edicao[]): boolean {
  return edicoes.some(({ caminho: [a, b] }) => a === 'cliente' && (b === undefined || b === 'pf'));
}
