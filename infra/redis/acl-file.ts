import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aclOf, REDIS_USERS } from './acls.ts';

const HELP = `uso: node infra/redis/acl-file.ts PASTA > users.acl

Escreve as linhas de um arquivo de ACL do Redis (aclfile) com um usuário para cada serviço, como infra/redis/acls.ts diz. PASTA
tem um arquivo por usuário, com a senha: ${REDIS_USERS.join(', ')}. As senhas saem só como SHA-256.

O usuário \`default\` e o de quem cuida do Redis ficam por conta de quem o opera: veja docs/redis-cluster.md.
`;

const [folder] = process.argv.slice(2);
if (folder === undefined || process.argv.includes('--help')) {
  (folder === undefined ? process.stderr : process.stdout).write(HELP);
  process.exitCode = folder === undefined ? 2 : 0;
} else {
  const passwordOf = (user: string): string => readFileSync(join(folder, user), 'utf8').trim();
  for (const user of REDIS_USERS) {
    const password = passwordOf(user);
    // Of nothing there is a hash too, and anybody would know it.
    if (password === '') throw new Error(`a senha de ${user} está vazia`);
    process.stdout.write(`user ${aclOf(user, password)}\n`);
  }
}
