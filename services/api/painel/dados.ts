import type { Papel } from '#platform/credenciais/permissoes.ts';
import { PAPEIS } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { iniciando } from '#platform/http/traduz.ts';
import type { AoVivo } from './ao-vivo.ts';
import { registraCliente } from './cliente.ts';
import { registraEvento } from './evento.ts';
import { type Autoriza, Fluxos } from './fluxos.ts';
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
        const { credencial } = exigeQuem(request, papeis);
        const autoriza: Autoriza = (r) => void exigeQuem(r, papeis);
        const corpo = fluxos.abre(request, credencial.id, fonte as AoVivo<unknown>, autoriza);
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
