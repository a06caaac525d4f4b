import { execFile } from 'node:child_process';
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Who a broker is to another: the name in its certificate, and a super user (see properties.ts). */
export const BROKER_USER = 'broker';

/** Files, PEM. */
export interface Certificates {
  /** The authority's certificate: what clients and brokers trust. */
  ca: string;
  /** A broker's key and certificate, one after the other, as Kafka reads them. */
  broker: string;
  /** The same, each by itself. */
  cert: string;
  key: string;
}

/** An authority of this run alone, and the certificate that its brokers show to clients and to one another. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  const key = ['req', '-newkey', 'rsa:2048', '-nodes', '-batch'];
  const authority = ['-x509', '-days', '2', '-subj', '/CN=atendido de teste', '-keyout', file('ca.key')];
  await run('openssl', [...key, ...authority, '-out', file('ca.pem')]);
  await run('openssl', [
    ...key,
    ...['-subj', `/CN=${BROKER_USER}`, '-keyout', file('broker.key'), '-out', file('broker.csr')],
  ]);
  writeFileSync(file('san.ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  await run('openssl', [
    ...['x509', '-req', '-days', '2', '-in', file('broker.csr'), '-extfile', file('san.ext')],
    ...['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-out', file('broker.crt')],
  ]);
  copyFileSync(file('broker.key'), file('broker.pem'));
  appendFileSync(file('broker.pem'), readFileSync(file('broker.crt')));
  return { ca: file('ca.pem'), broker: file('broker.pem'), cert: file('broker.crt'), key: file('broker.key') };
}
