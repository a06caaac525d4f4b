import { z } from 'zod';
import { CodedError } from '#platform/errors.ts';
import { semResposta } from '../api.ts';
import { portfolioDaDemo } from './catalogo.ts';
import { FONTES, type NomeDaFonte } from './fontes.ts';

/** The system that measures the line: not one of the sources of the traffic. */
export const SONDA = 'demo-sonda';

const EM_PARALELO = 16;
const RESPOSTA_EM_MS = 30_000;
const credencialCriada = z.object({ chave: z.string() });

/** The door as its operator uses it. */
export class Operacao {
  readonly #porta: string;
  readonly #chave: string;

  /** @param porta where ingest answers @param chave the operator's key */
  constructor(porta: string, chave: string) {
    this.#porta = porta;
    this.#chave = chave;
  }

  async #put(caminho: string, corpo: object): Promise<unknown> {
    const resposta = await fetch(this.#porta + caminho, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#chave}` },
      body: JSON.stringify(corpo),
      signal: AbortSignal.timeout(RESPOSTA_EM_MS),
    }).catch(semResposta(`a porta não responde em ${this.#porta}`));
    const texto = await resposta.text();
    if (resposta.ok) return JSON.parse(texto);
    throw new CodedError('DEMO_SEM_ACESSO', `a porta recusou PUT ${caminho} (${resposta.status}): ${texto}`);
  }

  /** Registers a source and makes its key, in the place of the one it had. */
  async #produtor(source: string, nome: string, interacoes: readonly string[]): Promise<string> {
    await this.#put(`/v1/fontes/${source}`, { nome, interacoes });
    const papeis = ['produtor'];
    return credencialCriada.parse(await this.#put(`/v1/credenciais/${source}`, { source, papeis })).chave;
  }

  /** Keys of the sources that come in by HTTP, and of the probe. */
  async credenciais(): Promise<Map<NomeDaFonte | typeof SONDA, string>> {
    const chaves = new Map<NomeDaFonte | typeof SONDA, string>();
    for (const [nome, { descricao, tipos, transporte }] of Object.entries(FONTES)) {
      if (transporte !== 'http') continue;
      // Guarantees are sent by Sebrae Nacional alone, and authorised by name.
      const extra = nome === 'fampe-nacional' ? ['contratacao:garantia-fampe'] : [];
      chaves.set(nome as NomeDaFonte, await this.#produtor(nome, descricao, [...tipos, ...extra]));
    }
    return chaves.set(SONDA, await this.#produtor(SONDA, 'Sonda da demonstração', ['momento-digital']));
  }

  /** Puts the portfolio that the run refers to. Returns how many records. */
  async portfolio(demo: { semente: number; eventos: number }): Promise<number> {
    const { solucoes, disponibilizacoes } = portfolioDaDemo(demo);
    const registros = [
      ...solucoes.map((s) => ({ caminho: `/v1/portfolio/solucoes/${s.id}`, corpo: s })),
      ...disponibilizacoes.map((d) => ({ caminho: `/v1/portfolio/disponibilizacoes/${d.id}`, corpo: d })),
    ];
    const fila = registros.values();
    const consome = async (): Promise<void> => {
      for (const { caminho, corpo } of fila) await this.#put(caminho, corpo);
    };
    await Promise.all(Array.from({ length: EM_PARALELO }, consome));
    return registros.length;
  }
}
