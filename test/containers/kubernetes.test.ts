import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { homeOf, PROJECT_ROOT } from '#platform/config.ts';
import { sh } from './images.ts';

const VERSION = '1.37.0';

/** kubernetes-validate, which brings Kubernetes' own schemas: in a venv made once, no network afterwards. */
async function validator(): Promise<string> {
  const venv = join(homeOf(), 'cache', `kubernetes-validate-${VERSION}`);
  const program = join(venv, 'bin/kubernetes-validate');
  if (existsSync(program)) return program;
  await sh('python3', ['-m', 'venv', venv]);
  await sh(join(venv, 'bin/pip'), ['install', '-q', `kubernetes-validate==${VERSION}`]);
  return program;
}

it('every manifest is one by the schemas of Kubernetes', async () => {
  const files = globSync('infra/k8s/base/*.yaml', { cwd: PROJECT_ROOT }).filter(
    (one) => !one.includes('kustomization'),
  );
  files.push('infra/k8s/permissoes.yaml', 'infra/k8s/comando.yaml');
  expect(files.length).toBeGreaterThan(5);
  await sh(await validator(), ['--strict', '--quiet', ...files]);
}, 180_000);
