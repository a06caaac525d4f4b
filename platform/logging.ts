import { type Logger, pino } from 'pino';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

export type { Logger } from 'pino';

/**
 * An error as it is logged: it quotes what it was made of, so whatever in its words has the form of a CPF is hidden, and
 * what else it carries (a request, a reply) is left out.
 */
export function erroSemCpf(error: unknown): unknown {
  if (!(error instanceof Error)) return ocultaCpf(String(error));
  const { type, message, stack } = pino.stdSerializers.err(error);
  return {
    type,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    message: ocultaCpf(message),
    stack: ocultaCpf(stack),
    ...(error instanceof AggregateError ? { aggregateErrors: error.errors.map(erroSemCpf) } : {}),
  };
}

/**
 * JSON lines on stdout, one object a line: `time` (ISO), `level` (word), `name` (the service), `msg`, and fields.
 * Errors go under `err`, a CPF in them hidden. What could hold a document in the clear is never given to it: no bodies, no original bytes.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    serializers: { err: erroSemCpf },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
