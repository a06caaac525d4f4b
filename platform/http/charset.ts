import { ErroHttp } from './erros.ts';
import type { Servidor } from './servidor.ts';

/** US-ASCII is UTF-8 as far as it goes. */
const LIDOS = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i;

/** The charset that a Content-Type names, lower case; null: it names none. */
export function charsetDe(header: string | undefined): string | null {
  const [, entreAspas, simples] = CHARSET.exec(header ?? '') ?? [];
  return (entreAspas ?? simples)?.trim().toLowerCase() ?? null;
}

/** Bodies are read as UTF-8: one that says it is something else would be read as what it is not, and is 415. */
export function exigeUtf8(app: Servidor): void {
  app.addHook('preParsing', async (request, _reply, corpo) => {
    const charset = charsetDe(request.headers['content-type']);
    if (charset === null || LIDOS.has(charset)) return corpo;
    throw new ErroHttp('TIPO_DE_CONTEUDO_INVALIDO', 'Content-Type: o corpo tem de estar em UTF-8 (charset=utf-8)');
  });
}
