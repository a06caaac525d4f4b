import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type OutputFile, stop } from 'esbuild';
import { PROJECT_ROOT } from '#platform/config-home.ts';

const APP = join(import.meta.dirname, 'app');
/** Where browsers find the files; by it the code of one page finds another. */
export const PASTA_DOS_ARQUIVOS = '/painel/app/';

/** A file of the panel, as it is sent. Its name holds its content's hash: another content is another file. */
export interface Arquivo {
  tipo: string;
  /** As it is, and compressed once for all. */
  corpos: Readonly<Record<'identity' | 'gzip' | 'br', Buffer>>;
}

/** The panel as browsers load it. */
export interface Pacote {
  /** By name. */
  arquivos: ReadonlyMap<string, Arquivo>;
  /** Names: what the page begins with, and what that begins with. */
  entrada: { script: string; estilo: string; antes: readonly string[] };
}

const TIPOS: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

const comGzip = promisify(gzip);
const comBrotli = promisify(brotliCompress);

async function arquivoDe({ path, contents }: OutputFile): Promise<Arquivo> {
  const identity = Buffer.from(contents);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };
  const [gz, br] = await Promise.all([comGzip(identity, { level: 9 }), comBrotli(identity, { params })]);
  return {
    tipo: TIPOS[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    corpos: { identity, gzip: gz, br },
  };
}

async function monta(): Promise<Pacote> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [join(APP, 'main.tsx'), join(APP, 'estilo.css')],
    outdir: '/painel',
    publicPath: PASTA_DOS_ARQUIVOS,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    // A page is loaded when it is first opened.
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    charset: 'utf8',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  // Its process is needed no more.
  await stop();
  const arquivos = new Map<string, Arquivo>();
  for (const saida of outputFiles) arquivos.set(basename(saida.path), await arquivoDe(saida));
  const saidas = Object.entries(metafile.outputs);
  const [script, doScript] = saidas.find(([, o]) => o.entryPoint?.endsWith('main.tsx')) ?? [];
  const [estilo] = saidas.find(([, o]) => o.entryPoint?.endsWith('estilo.css')) ?? [];
  if (script === undefined || estilo === undefined) throw new Error('o painel foi montado sem entrada');
  const antes = (doScript?.imports ?? []).filter((i) => i.kind === 'import-statement').map((i) => basename(i.path));
  return { arquivos, entrada: { script: basename(script), estilo: basename(estilo), antes } };
}

let montado: Promise<Pacote> | null = null;

/** The panel's code, made of app/ once in a process: some 200 ms, in memory, with nothing written anywhere. */
export function pacoteDoPainel(): Promise<Pacote> {
  montado ??= monta();
  return montado;
}

/** What a browser is sent of those it takes. */
export function escolhe(
  { corpos }: Arquivo,
  aceita: string | undefined,
): { codificacao: 'br' | 'gzip' | null; corpo: Buffer } {
  const nomes = (aceita ?? '').split(',').map((n) => n.split(';')[0]?.trim());
  for (const codificacao of ['br', 'gzip'] as const) {
    if (nomes.includes(codificacao)) return { codificacao, corpo: corpos[codificacao] };
  }
  return { codificacao: null, corpo: corpos.identity };
}
