import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { CodedError } from '#platform/config.ts';
import { POM } from './paths.ts';

const run = promisify(execFile);
const STAMP = 'carimbo';

/** The Java to run servers with: `JAVA_HOME`'s, else PATH's. */
export const javaCommand = (): string => (process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin/java') : 'java');

/** @throws CodedError JAVA_AUSENTE, JAVA_ANTIGO */
export async function checkJava(): Promise<void> {
  const answer = await run(javaCommand(), ['-version']).catch((cause: unknown) => {
    throw new CodedError('JAVA_AUSENTE', 'Java 17 ou mais novo não foi encontrado (instale-o, ou defina JAVA_HOME)', {
      cause,
    });
  });
  const major = Number(/version "(\d+)/.exec(answer.stderr)?.[1] ?? 0);
  if (major < 17) throw new CodedError('JAVA_ANTIGO', `é preciso Java 17 ou mais novo; o encontrado é ${major}`);
}

async function maven(target: string): Promise<void> {
  try {
    await run('mvn', ['-q', '-B', '-Dstyle.color=never', '-f', POM, `-Dservidores=${target}`, 'package'], {
      maxBuffer: 50_000_000,
    });
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (code === 'ENOENT') {
      throw new CodedError('MAVEN_AUSENTE', 'o comando mvn (Maven 3.8 ou mais novo) não foi encontrado no PATH', {
        cause: error,
      });
    }
    const said = (stdout ?? '').split('\n').filter((line) => line.includes('ERROR'));
    throw new CodedError('DOWNLOAD_FALHOU', `o Maven não conseguiu baixar os servidores: ${said[0] ?? String(error)}`, {
      cause: error,
    });
  }
}

/**
 * Makes sure that the servers' programs are in `folder`, as infra/local/pom.xml lists them; Maven runs only where they
 * are not (first use, or a changed pom.xml), so that later starts need no network.
 * @throws CodedError JAVA_AUSENTE, JAVA_ANTIGO, MAVEN_AUSENTE, DOWNLOAD_FALHOU
 */
export async function ensureServers(folder: string, onDownload: () => void): Promise<void> {
  await checkJava();
  const wanted = createHash('sha256').update(readFileSync(POM)).digest('hex');
  const stamp = join(folder, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  onDownload();
  mkdirSync(dirname(folder), { recursive: true });
  // Where the folder is a link to a shared one, the shared one is replaced.
  const target = existsSync(folder) ? realpathSync(folder) : folder;
  const draft = join(dirname(target), `.${basename(target)}.${process.pid}`);
  try {
    await maven(draft);
    writeFileSync(join(draft, STAMP), wanted);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
