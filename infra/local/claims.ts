import { createServer, type Server } from 'node:net';

/** Null: this system has nothing to claim with, and only this process knows. */
const claims = new Map<number, Server | null>();

/**
 * Claims a port number against every other process of this machine, before anything listens there: whatever the data folder,
 * the clone or the user. The kernel lets go of it when this process has ended, however it ends. A socket of Linux's abstract names, which belong to the network that the ports belong to; elsewhere the
 * claim holds within this process alone. @returns whether it is ours now and was nobody's
 */
export function claim(port: number): Promise<boolean> {
  if (claims.has(port)) return Promise.resolve(false);
  claims.set(port, null);
  if (process.platform !== 'linux') return Promise.resolve(true);
  return new Promise((resolve) => {
    const server = createServer((stranger) => stranger.destroy());
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      // Any other: a machine that does not let us claim is treated as one that cannot.
      if (code === 'EADDRINUSE') claims.delete(port);
      resolve(code !== 'EADDRINUSE');
    });
    server.listen({ path: `\0atendido-porta-${port}`, exclusive: true }, () => {
      claims.set(port, server.unref());
      resolve(true);
    });
  });
}

/** Gives a port back that turned out to be a stranger's. */
export async function disclaim(port: number): Promise<void> {
  const server = claims.get(port);
  if (server) await new Promise((resolve) => server.close(resolve));
  claims.delete(port);
}
