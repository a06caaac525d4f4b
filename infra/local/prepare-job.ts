import { readConfig } from '#platform/config.ts';
import { prepare } from '#platform/prepare.ts';

await prepare(readConfig());
