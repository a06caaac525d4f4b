import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

interface No {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface Perfil {
  nodes: No[];
  samples: number[];
  timeDeltas: number[];
}

const PARADO = new Set(['(idle)', '(root)']);

/** Where a frame lives: the package, or the file of ours. */
function lugar({ url, functionName }: No['callFrame']): string {
  const pacote = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (pacote !== undefined) return pacote;
  if (url === '') return functionName.startsWith('(') ? functionName : '(nativo)';
  return url.replace(/^file:\/\//, '').replace(/.*\/(domain|platform|services|node:)/, '$1');
}

function soma(total: Map<string, number>, nome: string, tempo: number): void {
  total.set(nome, (total.get(nome) ?? 0) + tempo);
}

function lista(titulo: string, total: ReadonlyMap<string, number>, ocupado: number, quantos: number): string {
  const maiores = [...total].sort(([, a], [, b]) => b - a).slice(0, quantos);
  return [titulo, ...maiores.map(([nome, t]) => `${((100 * t) / ocupado).toFixed(1).padStart(6)}%  ${nome}`)].join(
    '\n',
  );
}

/** Self time of a .cpuprofile by place and by function, and time with everything called below for our own functions. */
function texto(arquivo: string): string {
  const perfil = JSON.parse(readFileSync(arquivo, 'utf8')) as Perfil;
  const nos = new Map(perfil.nodes.map((no) => [no.id, no]));
  const pai = new Map(perfil.nodes.flatMap((no) => (no.children ?? []).map((filho) => [filho, no.id] as const)));
  const [porLugar, porFuncao, comFilhos] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];
  let ocupado = 0;
  for (const [i, id] of perfil.samples.entries()) {
    const no = nos.get(id);
    const tempo = perfil.timeDeltas[i] ?? 0;
    if (no === undefined || PARADO.has(no.callFrame.functionName)) continue;
    ocupado += tempo;
    const nomeDe = (n: No): string => `${n.callFrame.functionName || '(anônima)'}  ${lugar(n.callFrame)}`;
    soma(porLugar, lugar(no.callFrame), tempo);
    soma(porFuncao, `${nomeDe(no)}:${no.callFrame.lineNumber + 1}`, tempo);
    const vistos = new Set<string>();
    for (let n: No | undefined = no; n !== undefined; n = nos.get(pai.get(n.id) ?? -1)) vistos.add(nomeDe(n));
    for (const nome of vistos) soma(comFilhos, nome, tempo);
  }
  return [
    `== ${basename(arquivo)}: ${(ocupado / 1e6).toFixed(1)} s ocupado`,
    lista('-- tempo próprio, por lugar', porLugar, ocupado, 18),
    lista('-- tempo próprio, por função', porFuncao, ocupado, 30),
    lista('-- com o que cada função chama', comFilhos, ocupado, 45),
  ].join('\n');
}

/** `node bench/perfil.ts FILE…`: what `npm run bench -- --perfil` wrote, in words. */
for (const arquivo of process.argv.slice(2)) process.stdout.write(`${texto(arquivo)}\n\n`);
