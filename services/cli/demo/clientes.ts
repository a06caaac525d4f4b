import { cnpj, cpf } from 'cpf-cnpj-validator';
import type { Sorteio } from './sorteio.ts';

/** A client of the demo: a person, and the company she speaks for, by number; documents follow from the numbers. */
export interface ClienteDemo {
  pf: number;
  pj: number | null;
  unidade: string;
}

/** `cliente` as the contract has it on the wire. */
export type ClienteNoEvento = {
  pf?: { cpf: string };
  pj?: { cnpj: string; vinculo?: 'indicacao' | 'enriquecimento' };
  naoIdentificado?: { perfil: string; quantidade?: number };
};

/** Units by rough weight of their small businesses. */
const PESOS: Record<string, number> = {
  SP: 25,
  MG: 11,
  RJ: 9,
  PR: 7,
  RS: 7,
  BA: 6,
  SC: 6,
  GO: 4,
  PE: 4,
  CE: 3,
  PA: 2,
  ES: 2,
  DF: 2,
  MT: 2,
  MS: 2,
  MA: 1,
  PB: 1,
  RN: 1,
  AM: 1,
  AL: 1,
  PI: 1,
  TO: 1,
  SE: 1,
  RO: 1,
  AC: 1,
  AP: 1,
  RR: 1,
};
const UNIDADES = Object.entries(PESOS).flatMap(([unidade, peso]) => Array<string>(peso).fill(unidade));

const PASSO = 7_654_321;
const SALTO_POR_SEMENTE = 100_003;
const NOVE_DIGITOS = 1_000_000_000;
const OITO_DIGITOS = 100_000_000;

function comDigitos(base: string, digito: (texto: string) => number): string {
  const primeiro = base + digito(base);
  return primeiro + digito(primeiro);
}

/** The clients of a seed: nothing is kept, a document is a function of its owner's number. */
export class Clientes {
  readonly pessoas: number;
  readonly empresas: number;
  readonly #deslocamento: number;

  /** @param total people and companies together */
  constructor(semente: number, total: number) {
    this.empresas = Math.max(10, Math.floor(total / 4));
    this.pessoas = Math.max(40, total - this.empresas);
    this.#deslocamento = (semente * SALTO_POR_SEMENTE) % NOVE_DIGITOS;
  }

  /** Three in five people have a company; a company is of one to three of them. Some people come back a lot. */
  sorteia(sorteio: Sorteio): ClienteDemo {
    const alcance = sorteio.chance(0.3) ? Math.ceil(this.pessoas / 10) : this.pessoas;
    return this.#cliente(sorteio.inteiro(0, alcance - 1));
  }

  sorteiaComPj(sorteio: Sorteio): ClienteDemo & { pj: number } {
    const { pf, pj, unidade } = this.#cliente(sorteio.inteiro(0, this.pessoas - 1));
    return { pf, pj: pj ?? pf % this.empresas, unidade };
  }

  #cliente(pf: number): ClienteDemo {
    const pj = pf % 5 < 3 ? pf % this.empresas : null;
    const unidade = UNIDADES[((pj ?? pf) * 37) % UNIDADES.length] ?? 'SP';
    return { pf, pj, unidade };
  }

  cpf(pessoa: number): string {
    const base = (pessoa * PASSO + this.#deslocamento + 1) % NOVE_DIGITOS;
    return comDigitos(String(base).padStart(9, '0'), cpf.verifierDigit);
  }

  /** One in ten has letters, as the new CNPJ does. */
  cnpj(empresa: number): string {
    const raiz = String((empresa * PASSO + this.#deslocamento + 1) % OITO_DIGITOS).padStart(8, '0');
    const base = empresa % 10 === 9 ? `${String.fromCharCode(65 + (empresa % 26))}${raiz.slice(1)}` : raiz;
    return comDigitos(`${base}0001`, cnpj.verifierDigit);
  }

  /** With the company, where there is one. */
  noEvento({ pf, pj }: Pick<ClienteDemo, 'pf' | 'pj'>): ClienteNoEvento {
    const pessoa = { pf: { cpf: this.cpf(pf) } };
    return pj === null ? pessoa : { ...pessoa, pj: { cnpj: this.cnpj(pj) } };
  }
}

const EVENTOS_POR_CLIENTE = 5;

/** The clients of a run. */
export function clientesDaDemo({ semente, eventos }: { semente: number; eventos: number }): Clientes {
  return new Clientes(semente, Math.floor(eventos / EVENTOS_POR_CLIENTE));
}
