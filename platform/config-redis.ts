import { z } from 'zod';
import { pemFile } from './config-pem.ts';

/** How to reach Redis. */
export interface RedisConfig {
  /** See `parseRedisUrl` for the forms that mean a Cluster, and TLS. */
  url: string;
  /** Who we are, where the URL does not say; null: it does, or nobody asks. */
  user: { username: string | null; password: string } | null;
  /** Of TLS alone, PEM; null: the authorities that Node knows, and no certificate of our own. */
  ca: string | null;
  own: { cert: string; key: string } | null;
}

const TLS_VARIABLES = ['REDIS_SSL_CA', 'REDIS_SSL_CERT', 'REDIS_SSL_KEY'] as const;
const addressesOf = (text: string): string[] => text.split(',').map((one) => one.trim());
const schemeOf = (address: string): string => address.slice(0, address.indexOf(':'));

/** The variables about Redis, each by itself. */
export const REDIS_VARIABLES = {
  REDIS_URL: z
    .string('é obrigatória')
    .min(1, 'é obrigatória')
    .refine(
      (text) => addressesOf(text).every((one) => URL.canParse(one) && /^rediss?(\+cluster)?:/.test(one)),
      'deve ser um endereço como redis://127.0.0.1:16379',
    )
    // One of several in clear would be read as all in clear, or all in TLS.
    .refine((text) => new Set(addressesOf(text).map(schemeOf)).size === 1, 'os endereços devem começar todos igual'),
  REDIS_USERNAME: z.string().optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_SSL_CA: pemFile.optional(),
  REDIS_SSL_CERT: pemFile.optional(),
  REDIS_SSL_KEY: pemFile.optional(),
};

const variables = z.object(REDIS_VARIABLES);
type Read = z.infer<typeof variables>;

/** What is wrong between them. */
export function redisProblems(read: Read): { name: keyof Read; message: string }[] {
  const problems: { name: keyof Read; message: string }[] = [];
  const inUrl = addressesOf(read.REDIS_URL).some((one) => {
    const { username, password } = URL.parse(one) ?? {};
    return Boolean(username || password);
  });
  for (const name of ['REDIS_USERNAME', 'REDIS_PASSWORD'] as const) {
    if (read[name] && inUrl)
      problems.push({ name, message: 'REDIS_URL já diz o usuário ou a senha: deixe um dos dois' });
  }
  if (read.REDIS_USERNAME && !read.REDIS_PASSWORD)
    problems.push({ name: 'REDIS_PASSWORD', message: 'é obrigatória com REDIS_USERNAME' });
  for (const name of TLS_VARIABLES) {
    // Without TLS nobody would be held against it, and nobody told so.
    if (read[name] && !read.REDIS_URL.startsWith('rediss'))
      problems.push({ name, message: 'só com REDIS_URL que comece com rediss' });
  }
  const [cert, key] = [read.REDIS_SSL_CERT, read.REDIS_SSL_KEY];
  if ((cert === undefined) !== (key === undefined)) {
    const name = cert === undefined ? 'REDIS_SSL_CERT' : 'REDIS_SSL_KEY';
    problems.push({ name, message: 'é obrigatória com a outra do certificado' });
  }
  return problems;
}

/** How to reach Redis, of variables that were checked. */
export function redisOf(read: Read): RedisConfig {
  const { REDIS_SSL_CERT: cert, REDIS_SSL_KEY: key, REDIS_PASSWORD: password } = read;
  return {
    url: read.REDIS_URL,
    user: password ? { username: read.REDIS_USERNAME ?? null, password } : null,
    ca: read.REDIS_SSL_CA ?? null,
    own: cert && key ? { cert, key } : null,
  };
}
