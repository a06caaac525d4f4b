import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('loads under Node by itself, which finds fewer names in a CommonJS module than what runs the tests', async () => {
  const here = new URL('./index.ts', import.meta.url).href;
  const program = `const { driverOf } = await import(${JSON.stringify(here)}); console.log(typeof driverOf);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout.trim()).toBe('function');
});
