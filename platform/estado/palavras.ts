/**
 * The words most states repeat: each costs one byte. Part of format 1: never removed nor reordered, and new ones only
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
  'comercializacao campanha improcedente ausencia jornada',
].flatMap((linha) => linha.split(' '));

const numeroDaPalavra = new Map(PALAVRAS.map((palavra, n) => [palavra, -1 - n]));

/** Turns the words of one state into numbers, collecting those that must be written out. */
export class Dicionario {
  readonly textos: string[] = [];
  readonly #numeros = new Map<string, number>();

  numero(palavra: string): number {
    const conhecida = numeroDaPalavra.get(palavra);
    if (conhecida !== undefined) return conhecida;
    let numero = this.#numeros.get(palavra);
    if (numero === undefined) {
      numero = this.textos.push(palavra) - 1;
      this.#numeros.set(palavra, numero);
    }
    return numero;
  }
}

/** The word behind a number. @throws Error where there is none: the bytes are not a state */
export function palavraDe(numero: number, textos: readonly string[]): string {
  const palavra = numero < 0 ? PALAVRAS[-1 - numero] : textos[numero];
  if (palavra === undefined) throw new Error(`estado de cliente ilegível: não há palavra ${numero}`);
  return palavra;
}
