// Makes dist/ when the package is packed: JavaScript, since Node strips no types inside node_modules, and the
// declarations. Only what the library reaches of domain/ and platform/ comes along; packages stay imports.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const dist = join(here, 'dist');
const types = join(dist, 'types');
const entries = ['index.ts', 'kafka.ts'].map((name) => join(here, name));

rmSync(dist, { recursive: true, force: true });
await build({
  entryPoints: entries,
  outdir: join(dist, 'lib'),
  bundle: true,
  // What both entries hold they share: an error of one is an error of the other.
  splitting: true,
  chunkNames: '[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
});

// Read from beside the code's folder, as in the repository.
cpSync(join(root, 'schemas'), join(dist, 'schemas'), { recursive: true });

const declarations = ['--declaration', '--emitDeclarationOnly', '--rootDir', root, '--outDir', types];
const tsc = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
const config = join(here, 'tsconfig.json');
execFileSync(process.execPath, [tsc, '-p', config, ...declarations], { cwd: root, stdio: ['ignore', 2, 2] });

/** `#domain/x.ts` is the repository's own; beside the declarations it is a path. */
for (const entry of readdirSync(types, { recursive: true, withFileTypes: true })) {
  if (!entry.name.endsWith('.d.ts')) continue;
  const file = join(entry.parentPath, entry.name);
  const text = readFileSync(file, 'utf8')
    .replace(/(['"])#((?:domain|platform|producer)\/[\w/-]+)\.ts\1/g, (_, quote, path) => {
      const to = relative(entry.parentPath, join(types, path));
      return `${quote}${to.startsWith('.') ? to : `./${to}`}.js${quote}`;
    })
    .replace(/(['"])(\.{1,2}\/[\w./-]+)\.ts\1/g, '$1$2.js$1');
  writeFileSync(file, text);
}
