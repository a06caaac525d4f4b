import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT_ROOT } from '#platform/config-home.ts';

const SERVICES = ['ingest', 'classifier', 'consolidator', 'aggregator', 'api'];
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
const of = (kind: string, name: string) => manifests.find((one) => one.kind === kind && one.metadata.name === name);
const workload = (name: string) => of('Deployment', name) ?? of('StatefulSet', name);

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
    expect(of('HorizontalPodAutoscaler', name)?.spec.scaleTargetRef.name).toBe(name);
  });

  it('never scales a reader beyond the partitions there are', () => {
    const partitions = Number(of('ConfigMap', 'atendido')?.data.ATENDIDO_PARTICOES);
    for (const name of ['classifier', 'consolidator', 'aggregator']) {
      expect(of('HorizontalPodAutoscaler', name)?.spec.maxReplicas).toBeLessThanOrEqual(partitions);
    }
  });
});

describe('docker-compose.yml', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { image: string; read_only?: boolean; cap_drop?: string[]; command?: string[] }>;
  };

  it('has every service, without rights', () => {
    for (const name of SERVICES) {
      expect(services[name]?.command).toEqual([name]);
      expect(services[name]?.read_only).toBe(true);
      expect(services[name]?.cap_drop).toEqual(['ALL']);
    }
  });

  it('takes every image from a variable, and pins its default', () => {
    for (const [name, { image }] of Object.entries(services)) {
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-[\w./-]+:[\w.-]+\}$/);
      expect(image, name).not.toContain('latest');
    }
  });
});
