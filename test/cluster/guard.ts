import type { Certificates } from '../brokers/certificates.ts';

/** What a node is guarded with: TLS, and users by the lines of a file. */
export interface Guard {
  certificates: Certificates;
  aclFile: string;
  /** Who looks after the cluster, and what its nodes are to one another. */
  admin: { username: string; password: string };
}

export function optionsOfGuard({ certificates, aclFile, admin }: Guard, port: number): Record<string, string | number> {
  return {
    ...{ port: 0, 'tls-port': port, 'tls-cluster': 'yes', 'tls-replication': 'yes', 'tls-auth-clients': 'no' },
    ...{ 'tls-cert-file': certificates.cert, 'tls-key-file': certificates.key, 'tls-ca-cert-file': certificates.ca },
    ...{ aclfile: aclFile, masteruser: admin.username, masterauth: admin.password },
  };
}
