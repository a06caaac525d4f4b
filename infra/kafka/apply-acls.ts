import { AclOperations, AclPermissionTypes, Admin, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { optionsOf } from '#platform/kafka/platformatic/link.ts';
import type { KafkaConfig } from '#platform/kafka/settings.ts';
import { type Allowed, allAllowed, KAFKA_USERS, type KafkaUser } from './acls.ts';

const principalOf = (user: KafkaUser): string => `User:${user}`;

function aclOf({ user, resource, name, prefix, operation }: Allowed) {
  return {
    resourceType: ResourceTypes[resource],
    resourceName: name,
    resourcePatternType: prefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: principalOf(user),
    host: '*',
    operation: AclOperations[operation],
    permissionType: AclPermissionTypes.ALLOW,
  };
}

type Acl = ReturnType<typeof aclOf>;

const nameOf = (acl: Record<keyof Acl, unknown>): string =>
  [acl.resourceType, acl.resourcePatternType, acl.resourceName, acl.principal, acl.operation].join(' ');

/** What Kafka has now of our users, whatever it allows or denies. */
async function present(admin: Admin): Promise<Acl[]> {
  const found = await Promise.all(
    KAFKA_USERS.map((user) =>
      admin.describeAcls({
        filter: {
          resourceType: ResourceTypes.ANY,
          resourceName: null,
          resourcePatternType: ResourcePatternTypes.ANY,
          principal: principalOf(user),
          host: null,
          operation: AclOperations.ANY,
          permissionType: AclPermissionTypes.ANY,
        },
      }),
    ),
  );
  return found
    .flat()
    .flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
      acls.map((acl) => ({ ...acl, resourceType, resourceName, resourcePatternType }) as Acl),
    );
}

export interface Applied {
  created: number;
  removed: number;
}

/**
 * Brings Kafka to what the table of acls.ts says of its users: what is missing is added first, what is too much goes
 * after that. Other users are left alone; again, it changes nothing.
 * @param config of a user who may alter the cluster
 */
export async function applyAcls(config: KafkaConfig): Promise<Applied> {
  const admin = new Admin(optionsOf(config));
  try {
    const wanted = new Map(
      allAllowed()
        .map((one) => aclOf(one))
        .map((acl) => [nameOf(acl), acl]),
    );
    const there = await present(admin);
    const allowed = there.filter(
      ({ permissionType, host }) => permissionType === AclPermissionTypes.ALLOW && host === '*',
    );
    const known = new Set(allowed.map(nameOf));
    const missing = [...wanted].flatMap(([name, acl]) => (known.has(name) ? [] : [acl]));
    const tooMuch = there.filter((acl) => !allowed.includes(acl) || !wanted.has(nameOf(acl)));
    if (missing.length > 0) await admin.createAcls({ creations: missing });
    if (tooMuch.length > 0) await admin.deleteAcls({ filters: tooMuch });
    return { created: missing.length, removed: tooMuch.length };
  } finally {
    await admin.close();
  }
}
