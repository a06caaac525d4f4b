import { z } from 'zod';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { idDeAgora } from '../clientes.ts';
import { CONSULTA } from '../contexto.ts';
import type { ContextoDoPainel } from './rotas.ts';

const PEDIDO = z.strictObject({ documento: z.string().min(1).max(64) });

/** What the panel is told of a document: whose it is, never the document again. */
export interface ClienteDoDocumento {
  id: string;
}

/**
 * The client id of a document, which comes in a body: in an address a CPF would stay in the browser's history and in the
 * logs of whatever stands between. All else is asked by the id.
 */
export function registraCliente({ app, exigeQuem }: ContextoDoPainel): void {
  app.post('/painel/dados/cliente', {
    schema: { hide: true, body: PEDIDO },
    onRequest: antesDoCorpo(exigeQuem, CONSULTA),
    handler: async (request, reply): Promise<ClienteDoDocumento> => {
      const dependencias = exigeQuem(request, CONSULTA);
      reply.header('cache-control', 'no-store');
      return { id: idDeAgora(request.body.documento.trim(), dependencias) };
    },
  });
}
