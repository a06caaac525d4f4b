import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on stdout, one object a line: `time` (ISO), `level` (word), `name` (the service), `msg`, and fields.
 * Errors go under `err`. What could hold a document in the clear is never given to it: no bodies, no original bytes.
 */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
