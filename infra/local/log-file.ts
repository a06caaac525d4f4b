import { appendFileSync, renameSync, statSync } from 'node:fs';

const MAX_BYTES = 50_000_000;

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

export interface LogFile {
  /** One line as a process wrote it: JSON stays as it is, text is put into a JSON line of its own. */
  line(text: string, stream: 'stdout' | 'stderr'): void;
  event(msg: string, fields?: Record<string, unknown>): void;
}

/** A JSON-lines file of one process; at 50 MB it becomes `<file>.1`, in place of the one before. */
export function openLog(file: string, name: string): LogFile {
  let size = sizeOf(file);
  const write = (line: string) => {
    try {
      if (size > MAX_BYTES) {
        renameSync(file, `${file}.1`);
        size = 0;
      }
      appendFileSync(file, `${line}\n`);
      size += line.length + 1;
    } catch {
      // A full disk costs lines of the log, not the processes that wrote them.
    }
  };
  const entry = (fields: Record<string, unknown>) =>
    write(JSON.stringify({ time: new Date().toISOString(), name, ...fields }));
  return {
    line: (text, stream) => (text.startsWith('{') && text.endsWith('}') ? write(text) : entry({ stream, msg: text })),
    event: (msg, fields) => entry({ origem: 'supervisor', ...fields, msg }),
  };
}
