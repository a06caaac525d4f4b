import type { Certificates } from './certificates.ts';
import { BROKER_USER } from './certificates.ts';

/** Who applies the ACLs: a person, no service. */
export const ADMIN = 'admin';
export const NODES = [1, 2, 3] as const;
export type NodeId = (typeof NODES)[number];
export const rackOf = (node: NodeId): string => `zona-${node}`;

export interface NodePorts {
  clients: number;
  brokers: number;
  controller: number;
}

/** What docs/brokers.md shows, with ports and times of a test: one of three that are broker and controller at once. */
export function propertiesOf(
  node: NodeId,
  { data, ports, certificates }: { data: string; ports: Record<NodeId, NodePorts>; certificates: Certificates },
): string {
  const { clients, brokers, controller } = ports[node];
  const entries: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'broker.rack': rackOf(node),
    'controller.quorum.voters': NODES.map((one) => `${one}@127.0.0.1:${ports[one].controller}`).join(','),
    listeners: [
      `CLIENTS://127.0.0.1:${clients}`,
      `BROKERS://127.0.0.1:${brokers}`,
      `CONTROLLER://127.0.0.1:${controller}`,
    ].join(','),
    'advertised.listeners': `CLIENTS://127.0.0.1:${clients},BROKERS://127.0.0.1:${brokers}`,
    'listener.security.protocol.map': 'CLIENTS:SASL_SSL,BROKERS:SSL,CONTROLLER:SSL',
    'inter.broker.listener.name': 'BROKERS',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    // TLS everywhere; brokers know one another by certificate, clients come with user and password.
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': certificates.broker,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.ca,
    'listener.name.brokers.ssl.client.auth': 'required',
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
    'listener.name.clients.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config':
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    // What is not allowed is refused.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': `User:${BROKER_USER};User:${ADMIN}`,
    'auto.create.topics.enable': false,
    'default.replication.factor': 3,
    'min.insync.replicas': 2,
    'unclean.leader.election.enable': false,
    'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    'offsets.topic.replication.factor': 3,
    'transaction.state.log.replication.factor': 3,
    'transaction.state.log.min.isr': 2,
    'share.coordinator.state.topic.replication.factor': 3,
    'share.coordinator.state.topic.min.isr': 2,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.num.partitions': 5,
    'offsets.retention.minutes': 60 * 24 * 30,
    'compression.type': 'producer',
    // Of a test: a cluster that is three processes on two cores, whose brokers are killed all the time.
    'group.initial.rebalance.delay.ms': 0,
    'transaction.max.timeout.ms': 900_000,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    'replica.lag.time.max.ms': 8_000,
  };
  return Object.entries(entries)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
