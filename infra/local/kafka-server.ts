import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { javaCommand } from './download.ts';
import type { Paths } from './paths.ts';
import type { Ports } from './ports.ts';
import { probeKafka } from './probes.ts';
import type { ProcessSpec } from './process-spec.ts';

const run = promisify(execFile);

const LOG4J = `status = error
appender.saida.type = Console
appender.saida.name = saida
appender.saida.layout.type = PatternLayout
appender.saida.layout.pattern = {"time":"%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}","name":"kafka","level":"%level","logger":"%c{1}","msg":"%enc{%m %ex}{JSON}"}%n
appender.saida.layout.alwaysWriteExceptions = false
rootLogger.level = warn
rootLogger.appenderRef.saida.ref = saida
`;

function properties(data: string, ports: Ports): string {
  const entries: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports['kafka-controlador']}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports['kafka-controlador']}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.kafka}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'auto.create.topics.enable': false,
    // One node: what a cluster would keep three times is kept once.
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Fewer internal partitions than the 50 of a cluster: each is a folder to open at every start.
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.num.partitions': 5,
    'group.initial.rebalance.delay.ms': 0,
    'transaction.max.timeout.ms': 900_000,
    // Position is also kept outside Kafka: a group that rests over a holiday must not lose its own.
    'offsets.retention.minutes': 60 * 24 * 30,
    // Producers' lz4 is kept as it came.
    'compression.type': 'producer',
    'num.network.threads': 2,
    'num.io.threads': 4,
    // After a kill -9 the node's own earlier registration blocks its start until this has passed (default: 9 s).
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
  };
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** The id of the cluster that a data folder was formatted for; undefined: it is not there, or not whole. */
function clusterOf(data: string): string | undefined {
  const file = join(data, 'meta.properties');
  return existsSync(file) ? /^cluster\.id=(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
}

/** Apache Kafka, one node that is broker and controller, from the downloaded jars. */
export function kafkaServer(paths: Paths, ports: Ports): ProcessSpec {
  const folder = join(paths.data, 'kafka');
  const data = join(folder, 'registros');
  const config = join(folder, 'server.properties');
  const log4j = join(folder, 'log4j2.properties');
  const jvm = ['-Xshare:auto', `-Dlog4j2.configurationFile=${log4j}`, '-cp', join(paths.servers, 'kafka', '*')];
  return {
    nome: 'kafka',
    tipo: 'servidor',
    porta: ports.kafka,
    endereco: `127.0.0.1:${ports.kafka}`,
    command: javaCommand(),
    args: ['-Xms256m', '-Xmx1g', '-XX:+ExitOnOutOfMemoryError', ...jvm, 'kafka.Kafka', config],
    env: {},
    cwd: paths.home,
    before: async () => {
      mkdirSync(data, { recursive: true });
      writeFileSync(config, properties(data, ports));
      writeFileSync(log4j, LOG4J);
      if (existsSync(join(data, 'meta.properties'))) return;
      const cluster = randomBytes(16).toString('base64url');
      // One argument: an id may begin with a hyphen.
      const tool = ['kafka.tools.StorageTool', 'format', '--ignore-formatted', `--cluster-id=${cluster}`, '-c', config];
      await run(javaCommand(), ['-XX:TieredStopAtLevel=1', ...jvm, ...tool]);
    },
    probe: async () => probeKafka(ports.kafka, clusterOf(data)),
    readyWithinMs: 90_000,
  };
}
