import type { TestProject } from 'vitest/node';
import { readStackState } from '#platform/config-stack.ts';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { esperaALinha } from '#platform/linha.ts';
import { conectado } from '../../services/cli/conexoes.ts';
import { geraEventos } from '../../services/cli/demo/gerador.ts';
import { recordsOf, startDemoLine } from '../line/line.ts';
import { findChromium } from './chromium.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A real Chromium. */
    chromium: string;
    /** Data folder of the whole line under test, and where its api answers. */
    lineHome: string;
    panelUrl: string;
    operatorKey: string;
  }
}

/** Of this and the last year, as the demo's. */
const TRAFFIC = { semente: 7, eventos: 3_000 };

function provideLine(project: TestProject, home: string): void {
  const api = readStackState(home)?.processos.find((p) => p.nome === 'api');
  project.provide('lineHome', home);
  project.provide('panelUrl', api?.endereco ?? '');
  project.provide('operatorKey', resolveChaveOperacao({ ...process.env, ATENDIDO_HOME: home }));
}

/** vitest's globalSetup of the browser tests: a Chromium, and the whole line with some traffic behind it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  project.provide('chromium', await findChromium());
  // While pages are written: a line that stays up, by its data folder.
  const standing = process.env.BROWSER_LINE;
  if (standing) {
    provideLine(project, standing);
    return async () => {};
  }
  const line = await startDemoLine(TRAFFIC);
  try {
    const events = [...geraEventos({ ...TRAFFIC, execucao: 'b', agora: Date.now() })];
    const records = await recordsOf(
      line,
      events.map((e) => e.evento),
    );
    await line.producer.send(records);
    await conectado(esperaALinha);
    provideLine(project, line.home);
  } catch (error) {
    await line.stop();
    throw error;
  }
  return () => line.stop();
}
