import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers';
import { imageOf } from './images.ts';

/** Kafka, registry and Redis in containers, for the time of a test run. */
export interface ContainerServers {
  /** What `startStack` takes for servers that are elsewhere. */
  env: { KAFKA_BROKERS: string; SCHEMA_REGISTRY_URL: string; REDIS_URL: string };
  stop(): Promise<void>;
}

const KAFKA_WITHIN_MS = 60_000;
const REGISTRY_WITHIN_MS = 120_000;

/** @param port on this machine and in the container: what a broker says of itself must be where it is reached */
async function kafka(port: number): Promise<StartedTestContainer> {
  return new GenericContainer(imageOf('KAFKA_IMAGE'))
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      CLUSTER_ID: '5L6g3nShT-eMCtK--X86sw',
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
      KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '5',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '5',
      KAFKA_TRANSACTION_MAX_TIMEOUT_MS: '900000',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    })
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(KAFKA_WITHIN_MS)
    .start();
}

async function registry(): Promise<StartedTestContainer> {
  return new GenericContainer(imageOf('REGISTRY_IMAGE'))
    .withExposedPorts(8080)
    .withEnvironment({ QUARKUS_LOG_LEVEL: 'WARN' })
    .withWaitStrategy(Wait.forHttp('/apis/ccompat/v7/subjects', 8080))
    .withStartupTimeout(REGISTRY_WITHIN_MS)
    .start();
}

async function redis(): Promise<StartedTestContainer> {
  return new GenericContainer(imageOf('REDIS_IMAGE'))
    .withExposedPorts(6379)
    .withCommand(['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction'])
    .withWaitStrategy(Wait.forLogMessage(/Ready to accept connections/))
    .start();
}

/**
 * Starts the three servers by their images' documented contract (variables, ports). @param kafkaPort a free one
 * @throws where Docker is not there, or an image can be neither found nor pulled (infra/images builds stand-ins)
 */
export async function startContainers(kafkaPort: number): Promise<ContainerServers> {
  const started = await Promise.allSettled([kafka(kafkaPort), registry(), redis()]);
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  const [, schemas, state] = running;
  if (failed || !schemas || !state) {
    await stop();
    throw failed?.reason;
  }
  return {
    env: {
      KAFKA_BROKERS: `127.0.0.1:${kafkaPort}`,
      SCHEMA_REGISTRY_URL: `http://127.0.0.1:${schemas.getMappedPort(8080)}/apis/ccompat/v7`,
      REDIS_URL: `redis://127.0.0.1:${state.getMappedPort(6379)}`,
    },
    stop,
  };
}
