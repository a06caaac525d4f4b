import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { PROJECT_ROOT } from '#platform/config.ts';
import { promtool } from '../../infra/prometheus/programas.ts';
import { asFile, type Manifest, objectsOf, rendered, validate } from './kubernetes.ts';
import { dangling, type Elsewhere } from './references.ts';

const BASE = 'infra/k8s/base';
const OVERLAY = 'infra/k8s/exemplo';
/** Applied by themselves, beside what kustomize makes. */
const BESIDE = ['infra/k8s/permissoes.yaml', 'infra/k8s/copia.yaml', 'infra/k8s/comando.yaml'];
const read = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');

/** The Secrets that docs/containers.md tells whoever runs the line to make, with their keys. */
const secrets = new Map<string, string[]>();
for (const [, names = '', keys = ''] of read('docs/containers.md').matchAll(
  /^\| ((?:`[a-z-]+`,? ?)+) \| (`[^|]+`) \|/gm,
)) {
  const inTicks = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, one = '']) => one);
  for (const name of inTicks(names)) secrets.set(name, inTicks(keys));
}
const { externalRules } = parse(read('infra/k8s/prometheus-adapter.yaml')) as {
  externalRules: { name: { as: string } }[];
};
const elsewhere: Elsewhere = { secrets, metrics: externalRules.map(({ name }) => name.as) };

/** The job that Prometheus is given. */
const [scrape] = parse(read('infra/k8s/prometheus-scrape.yaml')) as [Manifest];

const texts = new Map<string, string>();
const beside = BESIDE.flatMap((file) => objectsOf(read(file)));
/** Anew for each, for some are broken. */
const all = (folder = BASE): Manifest[] => structuredClone([...objectsOf(texts.get(folder) ?? ''), ...beside]);
const of = (objects: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
};
const podOf = (objects: readonly Manifest[], kind: string, name: string) => of(objects, kind, name).spec.template.spec;

beforeAll(async () => {
  for (const folder of [BASE, OVERLAY]) texts.set(folder, await rendered(folder));
}, 300_000);

describe.each([BASE, OVERLAY])('%s, as kustomize makes it', (folder) => {
  it('is objects by the schemas of Kubernetes', async () => {
    const text = texts.get(folder) ?? '';
    // A ConfigMap, the preparation, and five services with their Services, budgets and scales.
    expect(objectsOf(text).length).toBe(2 + 5 * 4 + 2);
    await validate(text);
  }, 60_000);

  it('has no reference that leads nowhere', () => {
    expect(dangling(all(folder), elsewhere)).toEqual([]);
  });
});

it.each(BESIDE)(
  '%s is objects by the schemas of Kubernetes',
  async (file) => {
    await validate(read(file));
  },
  60_000,
);

it('what the schemas do not know is refused, in whichever object', async () => {
  const text = texts.get(BASE) ?? '';
  await expect(validate(text.replace('\nkind:', '\ndados: {}\nkind:'))).rejects.toThrow(/dados/);
  await expect(validate(text.replace('backoffLimit: 10', 'backoffLimit: x'))).rejects.toThrow(/not of type 'integer'/);
}, 60_000);

it('docs/containers.md lists the Secrets that are mounted, and no other', () => {
  const told = new Map(secrets);
  for (const name of secrets.keys()) {
    const fewer: Elsewhere = { ...elsewhere, secrets: new Map([...secrets].filter(([one]) => one !== name)) };
    if (dangling(all(), fewer).some((line) => line.endsWith(`no Secret ${name}`))) told.delete(name);
  }
  expect(secrets.size).toBeGreaterThan(10);
  expect([...told.keys()]).toEqual([]);
});

it('an overlay sets image, addresses and namespace of all that the base has', () => {
  const [base, overlay] = [objectsOf(texts.get(BASE) ?? ''), objectsOf(texts.get(OVERLAY) ?? '')];
  const pods = overlay.filter(({ spec }) => spec?.template).map(({ spec }) => spec.template.spec.containers[0]);
  expect(new Set(pods.map(({ image }) => image))).toEqual(new Set(['registro.exemplo/sebrae/atendido:1.0.0']));
  expect(new Set(overlay.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['atendido']));
  const [before, after] = [base, overlay].map((some) => some.find(({ kind }) => kind === 'ConfigMap') as Manifest);
  expect(after?.data).toEqual({ ...before?.data, ...after?.data });
  expect(after?.data.KAFKA_BROKERS).toContain('.exemplo:9093');
  expect(after?.data.ATENDIDO_PARTICOES).toBe(before?.data.ATENDIDO_PARTICOES);
  // By its content, or no pod would be rolled.
  expect(after?.metadata.name).not.toBe(before?.metadata.name);
});

it('Prometheus takes what it is told', async () => {
  // Debian's knows nothing of Kubernetes, but of all else.
  const { kubernetes_sd_configs: where, ...rest } = scrape;
  expect(where).toEqual([{ role: 'pod' }]);
  const config = stringify({ scrape_configs: [{ ...rest, static_configs: [{ targets: [] }] }] });
  const check = (text: string) => asFile(text, (file) => promtool(['check', 'config', file]));
  expect(await check(config)).toMatchObject({ codigo: 0 });
  expect(await check(config.replace('action: keep', 'action: fica'))).toMatchObject({ codigo: 1 });
});

it('Prometheus finds every pod that has metrics, by name', () => {
  const kept = new Map<string, RegExp>(
    scrape.relabel_configs.flatMap(({ source_labels: [label], regex, action }: Manifest) =>
      action === 'keep' ? [[label, new RegExp(`^(?:${regex})$`)]] : [],
    ),
  );
  for (const { spec, kind } of all()) {
    if (!['Deployment', 'StatefulSet'].includes(kind)) continue;
    const { metadata, spec: pod } = spec.template;
    expect(metadata.labels.app).toMatch(kept.get('__meta_kubernetes_pod_label_app') ?? /^$/);
    expect(pod.containers[0].ports[0].name).toMatch(kept.get('__meta_kubernetes_pod_container_port_name') ?? /^$/);
  }
});

describe('a reference that leads nowhere is found:', () => {
  const BREAKS: Record<string, [(objects: Manifest[]) => void, string]> = {
    'a ConfigMap that nobody makes': [
      (o) => Object.assign(podOf(o, 'Deployment', 'ingest').containers[0].envFrom[0].configMapRef, { name: 'outro' }),
      'Deployment ingest: no ConfigMap outro',
    ],
    'a Secret that nobody was told of': [
      (o) => Object.assign(podOf(o, 'Job', 'preparacao').volumes[0].projected.sources[0].secret, { name: 'kafka-x' }),
      'Job preparacao: no Secret kafka-x',
    ],
    'a key that its Secret does not have': [
      (o) =>
        Object.assign(podOf(o, 'Job', 'permissoes').volumes[0].projected.sources[0].secret.items[0], { key: 'user' }),
      'Job permissoes: no key user in Secret kafka-admin',
    ],
    'a ServiceAccount': [
      (o) => Object.assign(podOf(o, 'StatefulSet', 'classifier'), { serviceAccountName: 'ninguem' }),
      'StatefulSet classifier: no ServiceAccount ninguem',
    ],
    'a volume': [(o) => podOf(o, 'Deployment', 'api').volumes.pop(), 'Deployment api: no volume dados'],
    "a Service's pods": [
      (o) => Object.assign(of(o, 'Service', 'api-instancias').spec, { selector: { app: 'painel' } }),
      'Service api-instancias: selects no pod: {"app":"painel"}',
    ],
    "a Service's port": [
      (o) => Object.assign(of(o, 'Service', 'classifier').spec.ports[0], { targetPort: 'metricas' }),
      'Service classifier: no port metricas in StatefulSet classifier',
    ],
    "a probe's port": [
      (o) => Object.assign(podOf(o, 'Deployment', 'api').containers[0].livenessProbe.httpGet, { port: 'saude' }),
      'Deployment api: livenessProbe asks no port saude',
    ],
    'the Service of a StatefulSet': [
      (o) => Object.assign(of(o, 'StatefulSet', 'aggregator').spec, { serviceName: 'ingest' }),
      'StatefulSet aggregator: no headless Service ingest',
    ],
    'the pods of a budget': [
      (o) => Object.assign(of(o, 'PodDisruptionBudget', 'ingest').spec.selector, { matchLabels: { app: 'porta' } }),
      'PodDisruptionBudget ingest: selects no pod: {"app":"porta"}',
    ],
    'what a scale scales': [
      (o) =>
        Object.assign(of(o, 'HorizontalPodAutoscaler', 'consolidator').spec.scaleTargetRef, { kind: 'Deployment' }),
      'HorizontalPodAutoscaler consolidator: no Deployment consolidator',
    ],
    'what a scale goes by': [
      (o) =>
        Object.assign(of(o, 'HorizontalPodAutoscaler', 'aggregator').spec.metrics[0].external.metric, {
          name: 'atraso',
        }),
      'HorizontalPodAutoscaler aggregator: nobody serves atraso',
    ],
    'a share of nothing': [
      (o) => Object.assign(podOf(o, 'Deployment', 'ingest').containers[0].resources, { requests: {} }),
      'HorizontalPodAutoscaler ingest: a share of cpu, of which ingest asks for none',
    ],
    'pods that their own set does not take': [
      (o) => Object.assign(of(o, 'StatefulSet', 'classifier').spec.selector, { matchLabels: { app: 'classifica' } }),
      'StatefulSet classifier: does not select itself: {"app":"classifica"}',
    ],
    'an address of ours': [
      (o) => o.splice(o.indexOf(of(o, 'Service', 'ingest-instancias')), 1),
      'Deployment api: ATENDIDO_SERVICOS: no Service ingest-instancias:8080',
    ],
  };

  it.each(Object.entries(BREAKS))('%s', (_, [breaks, told]) => {
    const objects = all();
    breaks(objects);
    expect(dangling(objects, elsewhere)).toContain(told);
  });
});
