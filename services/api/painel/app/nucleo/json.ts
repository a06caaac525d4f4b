/** JSON as a person writes it: read, or where it stops being one, in Portuguese. */
export type JsonLido = { ok: true; valor: unknown } | { ok: false; mensagem: string };

const ESPACO = /[ \t\n\r]*/y;
const TEXTO = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy;
const SIMPLES = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Deeper than any event. */
const PROFUNDIDADE = 200;

/** Walks a text as far as it is JSON: engines tell the place of an error in their own ways, and at times not at all. */
class Leitor {
  lugar = 0;
  readonly #texto: string;

  constructor(texto: string) {
    this.#texto = texto;
  }

  #pula(que: RegExp): boolean {
    que.lastIndex = this.lugar;
    const achado = que.exec(this.#texto);
    this.lugar += achado?.[0].length ?? 0;
    return achado !== null;
  }

  #se(sinal: string): boolean {
    this.#pula(ESPACO);
    const e = this.#texto[this.lugar] === sinal;
    if (e) this.lugar += 1;
    return e;
  }

  #lista(fim: string, item: () => boolean): boolean {
    if (this.#se(fim)) return true;
    do if (!item()) return false;
    while (this.#se(','));
    return this.#se(fim);
  }

  #campo(profundidade: number): boolean {
    this.#pula(ESPACO);
    return this.#pula(TEXTO) && this.#se(':') && this.valor(profundidade);
  }

  valor(profundidade = 0): boolean {
    if (profundidade > PROFUNDIDADE) return false;
    if (this.#se('{')) return this.#lista('}', () => this.#campo(profundidade + 1));
    if (this.#se('[')) return this.#lista(']', () => this.valor(profundidade + 1));
    return this.#pula(TEXTO) || this.#pula(SIMPLES);
  }
}

function lugarDoErro(texto: string): string {
  const leitor = new Leitor(texto);
  leitor.valor();
  const antes = texto.slice(0, leitor.lugar);
  if (texto.slice(leitor.lugar).trim() === '') return 'termina antes da hora: falta fechar algo';
  const linhas = antes.split('\n');
  return `veja a linha ${linhas.length}, coluna ${(linhas.at(-1)?.length ?? 0) + 1}`;
}

/** Reads JSON. */
export function leJson(texto: string): JsonLido {
  if (texto.trim() === '') return { ok: false, mensagem: 'Cole um evento, ou escolha um exemplo.' };
  try {
    return { ok: true, valor: JSON.parse(texto) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, mensagem: `O texto não é JSON válido: ${lugarDoErro(texto)}.` };
  }
}
