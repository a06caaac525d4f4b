import type { Escrita, Leitura } from './bytes.ts';

/** The metrics of what does not count, by their place. Part of format 2: new ones only at the end. */
export const METRICAS = ['informacao', 'comercializacao', 'campanha', 'improcedente', 'ausencia', 'jornada'];

/**
 * The words most holders repeat: each costs one byte. Part of format 2: never removed nor reordered, and new ones only
 * at the end (the 64th and after cost two bytes). A word that is not here is written out, once in each state.
 */
const PALAVRAS = [
  '',
  'presencial a-distancia',
  'palestra seminario missao-caravana encontro-mediado orientacao-tecnica informacao curso oficina',
  'curso-autoinstrucional jogo aplicacao-material-didatico consultoria assessoramento feira vitrine',
  'rodada-negocios ferramenta formalizacao regularizacao garantia-fampe',
  'NA AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO',
  'disponibilizacaoId solucaoId protocolo conteudoId pjCriada contratoId',
].flatMap((linha) => linha.split(' '));

const numeroDaPalavra = new Map(PALAVRAS.map((palavra, n) => [palavra, -1 - n]));

/** The words of one state: the common ones as numbers, the others written out where they first come. */
export class Dicionario {
  readonly #escritas: string[] = [];

  grava(escrita: Escrita, palavra: string): void {
    const comum = numeroDaPalavra.get(palavra);
    const numero = comum ?? this.#escritas.indexOf(palavra);
    const nova = comum === undefined && numero < 0;
    escrita.inteiro(nova ? this.#escritas.length : numero);
    if (!nova) return;
    escrita.texto(palavra);
    this.#escritas.push(palavra);
  }

  /** @throws Error where there is no such word: the bytes are not a state */
  le(leitura: Leitura): string {
    const n = leitura.inteiro();
    if (n === this.#escritas.length) this.#escritas.push(leitura.texto());
    const palavra = n < 0 ? PALAVRAS[-1 - n] : this.#escritas[n];
    if (palavra === undefined) throw new Error(`estado de cliente ilegível: não há palavra ${n}`);
    return palavra;
  }
}
