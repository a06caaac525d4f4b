import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import { PAPEIS } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { iniciando } from '#platform/http/traduz.ts';
import type { AoVivo } from './ao-vivo.ts';
import { registraCliente } from './cliente.ts';
import { registraEvento } from './evento.ts';
import type { Minutos } from './minutos.ts';
import type { Operacao } from './operacao.ts';
import { registraQuarentena } from './quarentena.ts';
import type { ContextoDoPainel } from './rotas.ts';
import { rotulosDe } from './rotulos.ts';

/** What the panel watches. */
export interface FontesDoPainel {
  minutos: AoVivo<Minutos>;
  operacao: AoVivo<Operacao>;
}

/** How often an open stream asks whether its key still holds. */
const BATIDA_MS = 1_000;
/** How long a browser waits before it connects again, in milliseconds. */
const VOLTA_MS = 1_000;

type Autoriza = (request: FastifyRequest) => void;

/** The looks as server-sent events, until the browser leaves, the key ends, or the service does. */
async function* eventos<T>(fonte: AoVivo<T>, signal: AbortSignal): AsyncGenerator<string> {
  yield `retry: ${VOLTA_MS}\n\n`;
  for await (const quadro of fonte.assiste(signal)) yield `data: ${JSON.stringify(quadro)}\n\n`;
}

/** Streams that are open: a service that stops does not wait for them. */
class Fluxos {
  readonly #abertos = new Set<AbortController>();

  /** A stream of `fonte` to who asks; it ends within seconds of its key. */
  abre<T>(request: FastifyRequest, fonte: AoVivo<T>, autoriza: Autoriza): Readable {
    const fim = new AbortController();
    this.#abertos.add(fim);
    const corpo = Readable.from(eventos(fonte, fim.signal), { objectMode: false });
    const batida = setInterval(() => {
      try {
        autoriza(request);
      } catch {
        fim.abort();
      }
    }, BATIDA_MS);
    batida.unref();
    request.raw.once('close', () => fim.abort());
    corpo.once('close', () => {
      clearInterval(batida);
      this.#abertos.delete(fim);
      fim.abort();
    });
    return corpo;
  }

  fecha(): void {
    for (const fim of this.#abertos) fim.abort();
  }
}

/** What the pages are made of beyond the calls of the contract. */
export function registraDados(contexto: ContextoDoPainel): void {
  const { app, exigeQuem, dependencias } = contexto;
  registraCliente(contexto);
  registraEvento(contexto);
  registraQuarentena(contexto);
  const fluxos = new Fluxos();
  app.addHook('preClose', async () => fluxos.fecha());
  const aoVivo = <N extends keyof FontesDoPainel>(url: string, nome: N, papeis: Papel[]): void => {
    app.get(url, {
      schema: { hide: true },
      onRequest: antesDoCorpo(exigeQuem, papeis),
      handler: async (request, reply) => {
        const fonte = dependencias()?.painel?.[nome];
        if (fonte === undefined) {
          throw iniciando();
        }
        const corpo = fluxos.abre(request, fonte as AoVivo<unknown>, (r) => void exigeQuem(r, papeis));
        return reply
          .header('content-type', 'text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store')
          .header('x-accel-buffering', 'no')
          .send(corpo);
      },
    });
  };
  aoVivo('/painel/dados/minutos', 'minutos', ['consulta', 'bi', 'operacao']);
  aoVivo('/painel/dados/operacao', 'operacao', ['operacao']);
  app.get('/painel/dados/rotulos', {
    schema: { hide: true },
    onRequest: antesDoCorpo(exigeQuem, PAPEIS),
    handler: async (request) => rotulosDe(exigeQuem(request, PAPEIS).apuracoes),
  });
}
