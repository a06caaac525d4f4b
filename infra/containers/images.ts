/** The defaults of docker-compose.yml. */
const OFFICIAL = {
  KAFKA_IMAGE: 'apache/kafka:4.3.1',
  REGISTRY_IMAGE: 'apicurio/apicurio-registry:3.3.3',
  REDIS_IMAGE: 'redis:8.2-bookworm',
} as const;

/** The images of docker-compose.yml, by the same variables. */
export const imageOf = (name: keyof typeof OFFICIAL): string => process.env[name] || OFFICIAL[name];
