import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT_ROOT } from '#platform/config-home.ts';
import { KAFKA_USERS } from './kafka/acls.ts';
import { QUIET, SERVICE_MALLOC, SERVICE_NODE } from './local/paths.ts';
import { REDIS_USERS } from './redis/acls.ts';

const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'];
/** Those that HTTP comes in by. */
const DOORS = ['ingest', 'api'];
const read = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');

interface Manifest {
  kind: string;
  metadata: { name: string };
  // biome-ignore lint/suspicious/noExplicitAny: as Kubernetes has it, of which the test looks at some leaves
  [part: string]: any;
}

const manifests = globSync('infra/k8s/base/*.yaml', { cwd: PROJECT_ROOT })
  .filter((file) => !file.endsWith('kustomization.yaml'))
  .flatMap((file) => parseAllDocuments(read(file)).map((one) => one.toJS() as Manifest));
/** What all of them are told. */
const config = new Map(
  read('infra/k8s/base/config.env')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
);
const of = (kind: string, name: string) => manifests.find((one) => one.kind === kind && one.metadata.name === name);
const workload = (name: string) => of('Deployment', name) ?? of('StatefulSet', name);

/** What a process says that it does without. */
function unneededBy(name: string): string {
  const file = name === 'preparacao' ? 'infra/local/prepare-job.ts' : `services/${name}/main.ts`;
  const [, list = ''] = /\[((?:'(?:REDIS_URL|CLIENT_ID_KEY)'(?:, )?)+)\](?:\)| as const);/.exec(read(file)) ?? [];
  return list;
}

describe('infra/k8s', () => {
  it('names every file in its kustomization', () => {
    const files = globSync('*.yaml', { cwd: join(PROJECT_ROOT, 'infra/k8s/base') });
    const { resources } = parse(read('infra/k8s/base/kustomization.yaml')) as { resources: string[] };
    expect([...resources, 'kustomization.yaml'].sort()).toEqual(files.sort());
  });

  it.each(SERVICES)('%s runs without rights, with probes, a budget and a scale', (name) => {
    const pod = workload(name)?.spec.template.spec;
    const [container] = pod.containers;
    expect(pod.securityContext.runAsNonRoot).toBe(true);
    expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect(container.livenessProbe.httpGet.path).toBe('/saude/vivo');
    expect(container.readinessProbe.httpGet.path).toBe('/saude/pronto');
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(10);
    expect(of('PodDisruptionBudget', name)?.spec.selector.matchLabels).toEqual({ app: name });
    expect(container.startupProbe.httpGet.path).toBe('/saude/vivo');
    expect(of('HorizontalPodAutoscaler', name)?.spec.scaleTargetRef.name).toBe(name);
  });

  it.each([...SERVICES, 'preparacao'])(
    '%s is given its own users of Kafka and Redis, and only what it needs of the rest',
    (name) => {
      const pod = (workload(name) ?? of('Job', name))?.spec.template.spec;
      const { projected } = pod.volumes.find((volume: Manifest) => volume.name === 'segredos');
      const secrets: string[] = projected.sources.map((source: Manifest) => source.secret.name);
      expect(secrets.filter((one) => one.startsWith('kafka-')).sort()).toEqual(['kafka-ca', `kafka-${name}`].sort());
      expect(KAFKA_USERS).toContain(name);
      const ofRedis = REDIS_USERS.some((user) => user === name) ? ['redis-ca', `redis-${name}`] : [];
      expect(secrets.filter((one) => one.startsWith('redis-')).sort()).toEqual(ofRedis.sort());
      // Who can go from a CPF to a client id: the two that see documents, and no other.
      expect(secrets.includes('atendido-segredos')).toBe(['ingest', 'api'].includes(name));
      expect(unneededBy(name).includes('CLIENT_ID_KEY')).toBe(!secrets.includes('atendido-segredos'));
      expect(unneededBy(name).includes('REDIS_URL')).toBe(ofRedis.length === 0);
      // The operator's key opens every door: the two that answer to it, and no other, have it.
      const answers = ['ingest', 'api'].includes(name);
      expect(secrets.includes('atendido-operacao')).toBe(answers);
      expect(config.has('ATENDIDO_CHAVE_OPERACAO_FILE')).toBe(false);
      // Every secret that is named as a file is one that is mounted.
      const { env = [] } = pod.containers[0];
      const isFile = (variable: string): boolean => /_FILE$|_SSL_CA$/.test(variable);
      const given = env.filter((one: Manifest) => isFile(one.name)).map((one: Manifest) => one.value);
      const told = [...config].filter(([variable]) => isFile(variable)).map(([, file]) => file);
      const [optional, there] = [true, false].map((one) => {
        return projected.sources.filter((source: Manifest) => (source.secret.optional === true) === one);
      });
      const mounted = there.flatMap((source: Manifest) => source.secret.items.map((i: Manifest) => i.path));
      // Where the key of CPFs is changed, and nowhere else: an overlay gives both the secret and the variable.
      const anterior = { key: 'client-id-anterior.key', path: 'client-id-anterior.key' };
      expect(optional.map(({ secret }: Manifest) => [secret.name, secret.items])).toEqual(
        answers ? [['atendido-chave-anterior', [anterior]]] : [],
      );
      expect([...given, ...told].sort()).toEqual(mounted.map((path: string) => `/segredos/${path}`).sort());
    },
  );

  it('runs a command as operacao, with every secret that it names, where the line is, and a folder to write to', () => {
    const { spec } = (parse(read('infra/k8s/comando.yaml')) as Manifest).spec.template;
    const [{ env, volumeMounts, securityContext }] = spec.containers;
    const value = new Map<string, string>(env.map((one: Manifest) => [one.name, one.value]));
    const { sources } = spec.volumes.find((volume: Manifest) => volume.name === 'segredos').projected;
    const there = sources.filter(({ secret }: Manifest) => secret.optional !== true);
    expect(there.map(({ secret }: Manifest) => secret.name).sort()).toEqual(
      ['atendido-operacao', 'atendido-segredos', 'kafka-ca', 'kafka-operacao', 'redis-ca', 'redis-operacao'].sort(),
    );
    const mounted = there.flatMap(({ secret }: Manifest) => secret.items.map((i: Manifest) => `/segredos/${i.path}`));
    const files = [...value].filter(([variable]) => /_FILE$|_SSL_CA$/.test(variable)).map(([, file]) => file);
    expect(files.sort()).toEqual(mounted.sort());
    for (const [variable, told] of config) {
      if (/^(KAFKA|SCHEMA|REDIS|INGEST)_/.test(variable)) expect(value.get(variable), variable).toBe(told);
    }
    expect(volumeMounts).toContainEqual({ name: 'dados', mountPath: '/dados' });
    expect(spec.volumes).toContainEqual({ name: 'dados', emptyDir: {} });
    expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    expect([KAFKA_USERS, REDIS_USERS].every((users) => users.some((user) => user === 'operacao'))).toBe(true);
  });

  it('copies a line once, from where the line is to elsewhere, as copia and with no key of people', () => {
    const { spec } = parse(read('infra/k8s/copia.yaml')) as Manifest;
    const pod = spec.template.spec;
    // What one that failed wrote has to go first.
    expect([spec.backoffLimit, pod.restartPolicy]).toEqual([0, 'Never']);
    const [{ args, env, securityContext }] = pod.containers;
    expect(args).toEqual(['copia']);
    expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
    const { sources } = pod.volumes.find((volume: Manifest) => volume.name === 'segredos').projected;
    expect(sources.map(({ secret }: Manifest) => secret.name).sort()).toEqual(['kafka-ca', 'kafka-copia']);
    expect(KAFKA_USERS).toContain('copia');
    const value = new Map<string, string>(env.map((one: Manifest) => [one.name, one.value]));
    const mounted = sources.flatMap(({ secret }: Manifest) => secret.items.map((i: Manifest) => `/segredos/${i.path}`));
    const files = [...value].filter(([variable]) => /_FILE$|_SSL_CA$/.test(variable)).map(([, file]) => file);
    expect(files.sort()).toEqual(mounted.sort());
    for (const [variable, told] of config) {
      if (/^(KAFKA|SCHEMA)_/.test(variable)) expect(value.get(variable), variable).toBe(told);
    }
    expect(value.get('DESTINO_KAFKA_BROKERS')).toMatch(/:9093$/);
    expect(value.get('DESTINO_KAFKA_BROKERS')).not.toBe(value.get('KAFKA_BROKERS'));
  });

  it.each(DOORS)('%s takes calls for a moment after it was told to stop, and scales by CPU', (name) => {
    const { containers, terminationGracePeriodSeconds } = workload(name)?.spec.template.spec ?? {};
    // Balancers still have it on their list; then it has its 10 s.
    const { seconds } = containers[0].lifecycle.preStop.sleep;
    expect(seconds).toBeGreaterThan(0);
    expect(terminationGracePeriodSeconds).toBeGreaterThan(seconds + 10);
    expect(of('HorizontalPodAutoscaler', name)?.spec.metrics[0].resource.name).toBe('cpu');
  });

  it.each(SERVICES.filter((name) => !DOORS.includes(name)))(
    '%s scales by the seconds that its group is behind',
    (name) => {
      const [{ external }] = of('HorizontalPodAutoscaler', name)?.spec.metrics ?? [];
      expect(external.metric.name).toBe('kafka_consumergroup_group_lag_seconds');
      expect(external.metric.selector.matchLabels).toEqual({ group: `atendido-${name}` });
    },
  );

  it('never scales a reader beyond the partitions there are', () => {
    const partitions = Number(config.get('ATENDIDO_PARTICOES'));
    expect(partitions).toBeGreaterThan(0);
    for (const name of ['classifier', 'consolidator', 'aggregator']) {
      expect(of('HorizontalPodAutoscaler', name)?.spec.maxReplicas).toBeLessThanOrEqual(partitions);
    }
  });
});

describe('the image', () => {
  it('has whatever its first argument may start', () => {
    const started = [...read('infra/container/entrada.sh').matchAll(/\/atendido\/(infra\/\w+|\w+)\/\S+\.ts/g)];
    const allowed = read('.dockerignore').split('\n');
    expect(started.length).toBeGreaterThan(3);
    for (const [script, folder] of started) {
      expect(allowed, script).toContain(`!${folder}`);
      const scripts = SERVICES.map((service) => script.replace('/atendido/', '').replace('$1', service));
      for (const one of scripts) expect(existsSync(join(PROJECT_ROOT, one)), one).toBe(true);
    }
  });
});

describe('a service in the image', () => {
  const script = read('infra/container/entrada.sh');
  const wordsOf = (name: string) => new RegExp(`^${name}="(.*)"$`, 'm').exec(script)?.[1]?.split(' ') ?? [];

  it('keeps its heap as in the local stack', () => {
    expect([...QUIET, ...wordsOf('heap')]).toEqual(SERVICE_NODE);
  });

  it('keeps the memory under it as in the local stack', () => {
    expect(Object.fromEntries(wordsOf('malloc').map((word) => word.split('=')))).toEqual(SERVICE_MALLOC);
    expect(script).toMatch(/^ {2}ingest .*\) exec env \$malloc \$node \$heap /m);
  });
});

describe('docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<
      string,
      {
        image: string;
        read_only?: boolean;
        cap_drop?: string[];
        ulimits?: { core: number };
        command?: string[];
        ports?: string[];
      }
    >;
  };

  it('has every service, without rights', () => {
    for (const name of SERVICES) {
      expect(services[name]?.command).toEqual([name]);
      expect(services[name]?.read_only).toBe(true);
      expect(services[name]?.ulimits).toEqual({ core: 0 });
      expect(services[name]?.cap_drop).toEqual(['ALL']);
    }
  });

  // Its servers ask for no password.
  it('publishes nothing beyond this machine', () => {
    const ports = Object.values(services).flatMap((one) => one.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('takes every image from a variable, and pins its default', () => {
    for (const [name, { image }] of Object.entries(services)) {
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-[\w./-]+:[\w.-]+\}$/);
      expect(image, name).not.toContain('latest');
    }
  });
});
