import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The content of the file that a variable names. */
export const pemFile = z.string().transform((file, context) => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    context.addIssue({ code: 'custom', message: `o arquivo não pode ser lido: ${file}` });
    return z.NEVER;
  }
});
