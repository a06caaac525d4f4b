import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { freePorts } from '../../infra/local/ports.ts';
import { certificadoDeTeste } from '../../platform/http/certificado-de-teste.ts';
import { atendido } from './comando.ts';
import { CHAVE_DO_CPF, CHAVE_OPERACAO, chama } from './http-fixture.ts';
import { until } from './until.ts';

const QUIETO = '--disable-warning=ExperimentalWarning';

/**
 * The two services that ask for keys, as processes of their own: ingest over TLS, with a certificate signed by itself,
 * and in front of it the api, which trusts that one.
 */
export async function servicosComChave() {
  const pasta = mkdtempSync(join(tmpdir(), 'atendido-chaves-'));
  const [daApi = 0, doIngest = 0] = await freePorts(2);
  const { cert, key } = certificadoDeTeste();
  const arquivos = { cert: join(pasta, 'cert.pem'), key: join(pasta, 'key.pem') };
  writeFileSync(arquivos.cert, cert);
  writeFileSync(arquivos.key, key);
  const url = `http://127.0.0.1:${daApi}`;
  const env = {
    ...process.env,
    KAFKA_BROKERS: inject('kafkaBrokers'),
    SCHEMA_REGISTRY_URL: inject('registryUrl'),
    REDIS_URL: inject('redisUrl'),
    ATENDIDO_HOME: pasta,
    CLIENT_ID_KEY: CHAVE_DO_CPF,
    ATENDIDO_CHAVE_OPERACAO: CHAVE_OPERACAO,
    LOG_LEVEL: 'warn',
  };
  const sobe = (servico: string, proprio: NodeJS.ProcessEnv) =>
    spawn(process.execPath, [QUIETO, join(PROJECT_ROOT, 'services', servico, 'main.ts')], {
      env: { ...env, ...proprio },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  const tls = { ATENDIDO_TLS_CERT: arquivos.cert, ATENDIDO_TLS_CHAVE: arquivos.key };
  const ingestUrl = `https://127.0.0.1:${doIngest}`;
  const processos = [
    sobe('ingest', { ...tls, PORT: String(doIngest) }),
    sobe('api', { INGEST_URL: ingestUrl, NODE_EXTRA_CA_CERTS: arquivos.cert, PORT: String(daApi) }),
  ];
  const responde = async (caminho: string) =>
    (await chama(`${url}${caminho}`, 'GET', CHAVE_OPERACAO).catch(() => ({ status: 0 }))).status === 200;
  // The second is answered by ingest: it is up, and is reached over TLS.
  await until(async () => (await responde('/saude/pronto')) && responde('/v1/credenciais'), 'api and ingest to be up');
  const comandoCom = (mais: NodeJS.ProcessEnv, ...args: string[]) =>
    atendido(args, { ...env, ATENDIDO_API_URL: url, ...mais });
  const comando = (...args: string[]) => comandoCom({}, ...args).fim;
  const fecha = async () => {
    const fins = processos.map((p) => once(p, 'exit'));
    for (const p of processos) p.kill();
    await Promise.all(fins);
    rmSync(pasta, { recursive: true, force: true });
  };
  return { url, pasta, comando, comandoCom, fecha };
}

export type ServicosComChave = Awaited<ReturnType<typeof servicosComChave>>;
