import type { Manifest } from './kubernetes.ts';

/** What is there beside the manifests. */
export interface Elsewhere {
  /** Secrets, with their keys. */
  secrets: ReadonlyMap<string, readonly string[]>;
  /** Metrics that a scale may ask the adapter for. */
  metrics: readonly string[];
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'Job'];
/** Variables whose addresses are servers of somebody else's: an overlay sets them. */
const SERVERS = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'REDIS_URL'];
type Labels = Record<string, string>;

const called = ({ kind, metadata }: Manifest): string => `${kind} ${metadata.name ?? metadata.generateName}`;
const labelsOf = (workload: Manifest): Labels => workload.spec.template.metadata?.labels ?? {};
const selects = (selector: Labels | undefined, labels: Labels): boolean => {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value);
};

/** Finds references that lead nowhere, in what would be applied: Kubernetes takes them, and pods wait for ever. */
class References {
  readonly problems: string[] = [];
  readonly #objects: readonly Manifest[];
  readonly #elsewhere: Elsewhere;
  readonly #workloads: readonly Manifest[];

  constructor(objects: readonly Manifest[], elsewhere: Elsewhere) {
    this.#objects = objects;
    this.#elsewhere = elsewhere;
    this.#workloads = objects.filter(({ kind }) => WORKLOADS.includes(kind));
  }

  check(): void {
    this.#twice();
    for (const one of this.#workloads) this.#workload(one);
    for (const one of this.#objects) {
      if (one.kind === 'Service') this.#service(one);
      if (one.kind === 'PodDisruptionBudget') this.#selected(called(one), one.spec.selector.matchLabels);
      if (one.kind === 'HorizontalPodAutoscaler') this.#scale(one);
    }
  }

  #wrong(where: string, what: string): void {
    this.problems.push(`${where}: ${what}`);
  }

  #twice(): void {
    const names = this.#objects.map(called);
    for (const name of new Set(names.filter((one, n) => names.indexOf(one) !== n))) this.#wrong(name, 'is there twice');
  }

  #find(kind: string, name: string): Manifest | undefined {
    return this.#objects.find((one) => one.kind === kind && one.metadata.name === name);
  }

  /** @returns the pods that it takes; none is a problem */
  #selected(where: string, selector: Labels | undefined): Manifest[] {
    const found = this.#workloads.filter((one) => selects(selector, labelsOf(one)));
    if (found.length === 0) this.#wrong(where, `selects no pod: ${JSON.stringify(selector)}`);
    return found;
  }

  #workload(one: Manifest): void {
    const where = called(one);
    const pod = one.spec.template.spec;
    const own = (selector: Labels): void => {
      if (!selects(selector, labelsOf(one))) this.#wrong(where, `does not select itself: ${JSON.stringify(selector)}`);
    };
    // A Job is given its selector by Kubernetes.
    if (one.kind !== 'Job') own(one.spec.selector.matchLabels);
    for (const { labelSelector } of pod.topologySpreadConstraints ?? []) own(labelSelector.matchLabels);
    if (one.kind === 'StatefulSet' && this.#find('Service', one.spec.serviceName)?.spec.clusterIP !== 'None') {
      this.#wrong(where, `no headless Service ${one.spec.serviceName}`);
    }
    const account = pod.serviceAccountName ?? 'default';
    if (account !== 'default' && !this.#find('ServiceAccount', account)) {
      this.#wrong(where, `no ServiceAccount ${account}`);
    }
    for (const { name } of pod.imagePullSecrets ?? []) this.#source(where, 'Secret', name);
    for (const volume of pod.volumes ?? []) this.#volume(where, volume);
    for (const container of [...(pod.initContainers ?? []), ...pod.containers]) this.#container(where, pod, container);
  }

  #volume(where: string, volume: Manifest): void {
    const { configMap, secret, persistentVolumeClaim: claim, projected } = volume;
    const sources: Manifest[] = projected?.sources ?? [
      { configMap, secret: secret && { ...secret, name: secret.secretName } },
    ];
    const paths = sources.flatMap((source) => {
      const { kind, from } = source.secret
        ? { kind: 'Secret', from: source.secret }
        : { kind: 'ConfigMap', from: source.configMap };
      const items: { key: string; path: string }[] = from?.items ?? [];
      if (from)
        this.#source(
          where,
          kind,
          from.name,
          items.map(({ key }) => key),
        );
      return items.map(({ path }) => path);
    });
    if (new Set(paths).size !== paths.length) this.#wrong(where, `two files of one name in ${volume.name}`);
    if (claim && !this.#find('PersistentVolumeClaim', claim.claimName))
      this.#wrong(where, `no claim ${claim.claimName}`);
  }

  #container(where: string, pod: Manifest, container: Manifest): void {
    const volumes = (pod.volumes ?? []).map(({ name }: { name: string }) => name);
    for (const { name } of container.volumeMounts ?? []) {
      if (!volumes.includes(name)) this.#wrong(where, `no volume ${name}`);
    }
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const port = container[probe]?.httpGet?.port;
      if (port !== undefined && !this.#hasPort(container, port)) this.#wrong(where, `${probe} asks no port ${port}`);
    }
    for (const { configMapRef: map, secretRef: secret } of container.envFrom ?? []) {
      if (secret) this.#source(where, 'Secret', secret.name);
      if (!map) continue;
      this.#source(where, 'ConfigMap', map.name);
      const data: Record<string, string> = this.#find('ConfigMap', map.name)?.data ?? {};
      for (const [name, value] of Object.entries(data)) this.#addresses(where, name, value);
    }
    for (const { name, value, valueFrom } of container.env ?? []) {
      const { secretKeyRef: secret, configMapKeyRef: map } = valueFrom ?? {};
      if (secret) this.#source(where, 'Secret', secret.name, [secret.key]);
      if (map) this.#source(where, 'ConfigMap', map.name, [map.key]);
      if (value !== undefined) this.#addresses(where, name, value);
    }
  }

  /** What is read of a Secret or ConfigMap: an optional one too has a name that somebody was told. */
  #source(where: string, kind: string, name: string, keys: readonly string[] = []): void {
    const made = this.#find(kind, name);
    const found = made ? Object.keys({ ...made.data, ...made.stringData }) : undefined;
    const there = found ?? (kind === 'Secret' ? this.#elsewhere.secrets.get(name) : undefined);
    if (there === undefined) this.#wrong(where, `no ${kind} ${name}`);
    for (const key of there === undefined ? [] : keys) {
      if (!there?.includes(key)) this.#wrong(where, `no key ${key} in ${kind} ${name}`);
    }
  }

  /** An address of ours leads to a Service, at a port that it has. */
  #addresses(where: string, variable: string, value: string): void {
    if (SERVERS.includes(variable)) return;
    for (const [, host = '', port] of value.matchAll(/https?:\/\/([\w.-]+):(\d+)/g)) {
      const ports: { port: number }[] = this.#find('Service', host)?.spec.ports ?? [];
      if (!ports.some((one) => one.port === Number(port)))
        this.#wrong(where, `${variable}: no Service ${host}:${port}`);
    }
  }

  #hasPort(container: Manifest, port: string | number): boolean {
    const ports: { name: string; containerPort: number }[] = container.ports ?? [];
    return ports.some(({ name, containerPort }) => name === port || containerPort === port);
  }

  #service(one: Manifest): void {
    for (const workload of this.#selected(called(one), one.spec.selector)) {
      for (const { port, targetPort = port } of one.spec.ports) {
        const containers: Manifest[] = workload.spec.template.spec.containers;
        if (containers.some((container) => this.#hasPort(container, targetPort))) continue;
        this.#wrong(called(one), `no port ${targetPort} in ${called(workload)}`);
      }
    }
  }

  #scale(one: Manifest): void {
    const { scaleTargetRef: target, minReplicas, maxReplicas, metrics } = one.spec;
    const workload = this.#find(target.kind, target.name);
    if (workload?.apiVersion !== target.apiVersion) this.#wrong(called(one), `no ${target.kind} ${target.name}`);
    if (minReplicas > maxReplicas) this.#wrong(called(one), 'never fewer than more than there may be');
    for (const { resource, external } of metrics) {
      const containers: Manifest[] = workload?.spec.template.spec.containers ?? [];
      // A share of what was asked for: where nothing was, there is none.
      if (resource && containers.some(({ resources }) => !resources?.requests?.[resource.name])) {
        this.#wrong(called(one), `a share of ${resource.name}, of which ${target.name} asks for none`);
      }
      if (external && !this.#elsewhere.metrics.includes(external.metric.name)) {
        this.#wrong(called(one), `nobody serves ${external.metric.name}`);
      }
    }
  }
}

/** What leads nowhere in these objects, one line each. */
export function dangling(objects: readonly Manifest[], elsewhere: Elsewhere): string[] {
  const references = new References(objects, elsewhere);
  references.check();
  return references.problems;
}
