/** The client libraries that stand behind the port. All processes of a group use the same. */
export const CLIENTS = ['kafkajs', 'platformatic'] as const;
export type ClientName = (typeof CLIENTS)[number];
/** What docs/kafka-clients.md measured says why. */
export const DEFAULT_CLIENT: ClientName = 'platformatic';
