import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as espera } from 'node:timers/promises';
import { PROJECT_ROOT } from '#platform/config.ts';
import type { StackState } from '#platform/config-stack.ts';
import { esperaALinha } from '#platform/linha.ts';
import { SERVICE_MALLOC, SERVICE_NODE } from '../infra/local/paths.ts';
import { freePorts } from '../infra/local/ports.ts';
import { conectado } from '../services/cli/conexoes.ts';
import type { Pastas } from './servidores.ts';

export type NomeDeServico =
  | 'classifier'
  | 'consolidator'
  | 'aggregator'
  | 'ingest'
  | 'porta-nua'
  | 'api'
  | 'leitura-nua';

const PRONTO_EM_MS = 60_000;
const PARA_EM_MS = 15_000;
const OLHA_MS = 20;
const OLHA_A_LINHA_MS = 500;

export interface OpcoesDosServicos {
  pastas: Pastas;
  pilha: StackState;
  /** Where V8 writes what each service spent its time on; null: no profile. */
  perfil: string | null;
}

/** `classifier`, and from the second process of one on `classifier-2`. */
const nomeDoProcesso = (nome: NomeDeServico, n: number): string => (n === 0 ? nome : `${nome}-${n + 1}`);

/** A bare door is no service: what one is held against. */
const programaDe = (nome: NomeDeServico): string =>
  nome.endsWith('-nua') ? join(PROJECT_ROOT, 'bench', `${nome}.ts`) : join(PROJECT_ROOT, 'services', nome, 'main.ts');

/** Services under measurement: children of this process, so that none is restarted behind its back. */
export class Servicos {
  readonly #opcoes: OpcoesDosServicos;
  /** By {@link nomeDoProcesso}. */
  readonly #filhos = new Map<string, ChildProcess>();
  /** By the same names. */
  readonly #portas = new Map<string, number>();
  #erro: Error | null = null;

  constructor(opcoes: OpcoesDosServicos) {
    this.#opcoes = opcoes;
  }

  /** Starts them, so many processes of each, and resolves as soon as all are ready. */
  async sobe(nomes: readonly NomeDeServico[], processos = 1): Promise<void> {
    const portas = await freePorts(nomes.length * processos);
    const chamados = nomes.flatMap((nome) => {
      return Array.from({ length: processos }, (_, n) => {
        const chamado = nomeDoProcesso(nome, n);
        const porta = portas.shift() ?? 0;
        this.#portas.set(chamado, porta);
        this.#filhos.set(chamado, this.#inicia(nome, chamado, porta));
        return chamado;
      });
    });
    await Promise.all(chamados.map((chamado) => this.#pronto(chamado)));
  }

  /** Where a service answers; of several processes of it the n-th, from 0. */
  endereco(nome: NomeDeServico, n = 0): string {
    return this.#enderecoDe(nomeDoProcesso(nome, n));
  }

  #enderecoDe(chamado: string): string {
    const porta = this.#portas.get(chamado);
    if (porta === undefined) throw new Error(`${chamado} não foi iniciado`);
    return `http://127.0.0.1:${porta}`;
  }

  /** @throws what one of them died of */
  confere(): void {
    if (this.#erro !== null) throw this.#erro;
  }

  /** Services and servers, by name. */
  pids(): Map<string, number> {
    const { processos } = this.#opcoes.pilha;
    const servidores = processos.filter((p) => p.nome === 'kafka' || p.nome === 'redis');
    return new Map([
      ...[...this.#filhos].map(([nome, { pid }]) => [nome, pid ?? 0] as const),
      ...servidores.map(({ nome, processo }) => [nome, processo?.pid ?? 0] as const),
    ]);
  }

  /** The sum of a counter over its labels and the processes of a service, as Prometheus would read it. */
  async contador(nome: NomeDeServico, metrica: string, processos = 1): Promise<number> {
    let soma = 0;
    for (let n = 0; n < processos; n += 1) {
      const texto = await (await fetch(`${this.endereco(nome, n)}/metrics`)).text();
      const linhas = texto.split('\n').filter((l) => l.startsWith(`${metrica} `) || l.startsWith(`${metrica}{`));
      for (const linha of linhas) soma += Number(linha.slice(linha.lastIndexOf(' ')));
    }
    return soma;
  }

  /** Waits until nothing is left to read; looks seldom enough that it costs the line nothing. @throws as `confere` */
  async esperaALinha(): Promise<void> {
    await conectado((conexoes) => {
      return esperaALinha(conexoes, { pausaMs: OLHA_A_LINHA_MS, progresso: () => this.confere() });
    });
  }

  /** Stops them where they stand; not for longer than a group waits for its members. */
  congela(): void {
    for (const filho of this.#filhos.values()) filho.kill('SIGSTOP');
  }

  segue(): void {
    for (const filho of this.#filhos.values()) filho.kill('SIGCONT');
  }

  async para(): Promise<void> {
    const filhos = [...this.#filhos.values()];
    this.#filhos.clear();
    await Promise.all(filhos.map((filho) => this.#termina(filho)));
  }

  #inicia(nome: NomeDeServico, chamado: string, porta: number): ChildProcess {
    const { pastas, pilha, perfil } = this.#opcoes;
    const logs = join(pastas.base, 'logs');
    mkdirSync(logs, { recursive: true });
    const log = openSync(join(logs, `${chamado}.log`), 'a');
    const comPerfil =
      perfil === null
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${perfil}`, `--cpu-prof-name=${chamado}-${Date.now()}.cpuprofile`];
    const filho = spawn(process.execPath, [...SERVICE_NODE, ...comPerfil, programaDe(nome)], {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        ...SERVICE_MALLOC,
        ...pilha.ambiente,
        PORT: String(porta),
        LOG_LEVEL: 'warn',
        NODE_COMPILE_CACHE: join(pastas.base, 'cache'),
      },
    });
    closeSync(log);
    filho.once('exit', (codigo, sinal) => {
      if (this.#filhos.get(chamado) !== filho) return;
      this.#erro = new Error(`${chamado} terminou sozinho (${codigo ?? sinal}): veja ${join(logs, `${chamado}.log`)}`);
    });
    return filho;
  }

  async #pronto(chamado: string): Promise<void> {
    const limite = Date.now() + PRONTO_EM_MS;
    while (Date.now() < limite) {
      this.confere();
      const resposta = await fetch(`${this.#enderecoDe(chamado)}/saude/pronto`).catch(() => null);
      await resposta?.arrayBuffer();
      if (resposta?.ok) return;
      await espera(OLHA_MS);
    }
    throw new Error(`${chamado} não ficou pronto`);
  }

  async #termina(filho: ChildProcess): Promise<void> {
    if (filho.exitCode !== null || filho.signalCode !== null) return;
    const fim = new Promise((resolve) => filho.once('exit', resolve));
    filho.kill('SIGTERM');
    const forca = setTimeout(() => filho.kill('SIGKILL'), PARA_EM_MS);
    await fim;
    clearTimeout(forca);
  }
}
