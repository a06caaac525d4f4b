import cookies from '@fastify/cookie';
import helmet from '@fastify/helmet';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PAPEIS, type Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo, type Guarda } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import type { Servidor } from '#platform/http/servidor.ts';
import { iniciando } from '#platform/http/traduz.ts';
import type { Dependencias } from '../contexto.ts';
import { aceitos } from '../leitura.ts';
import { registraDados } from './dados.ts';
import { escolhe, PASTA_DOS_ARQUIVOS, pacoteDoPainel } from './pacote.ts';
import { documentoDoPainel, temaDe } from './pagina-html.ts';
import { PAGINAS, paginaDe, podeVer } from './paginas.ts';
import { cookieDaSessao, exigeMesmaOrigem, type Sessao, type Sessoes, valorDoCookie, veioPorTls } from './sessao.ts';
import { Tentativas } from './tentativas.ts';

/** What the routes of the panel stand on. */
export interface ContextoDoPainel {
  app: Servidor;
  exigeQuem: Guarda<Dependencias>;
  dependencias: () => Dependencias | null;
  sessoes: Sessoes;
}

/** Whose session it is, as the panel is told. */
export interface SessaoVisivel {
  id: string;
  papeis: readonly Papel[];
  /** ISO 8601. */
  ate: string;
  /** Those it may see, in order. */
  paginas: readonly string[];
}

const ANO_S = 31_536_000;
const LOGIN = '/painel/entrar';
const OCULTA = { hide: true };
const PEDIDO_DE_SESSAO = z.strictObject({ chave: z.string().min(1).max(512) });

/** Nothing but our own files runs, is shown or is asked; nobody frames the panel. */
const POLITICA = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
  },
};

function visivel({ credencial, ate }: Sessao): SessaoVisivel {
  const { id, papeis } = credencial;
  const paginas = PAGINAS.filter((p) => podeVer(p, papeis)).map((p) => p.id);
  return { id, papeis, ate: new Date(ate).toISOString(), paginas };
}

/** @throws ErroHttp SERVICO_INDISPONIVEL the servers have not answered yet */
function prontasDe({ dependencias }: Pick<ContextoDoPainel, 'dependencias'>): Dependencias {
  const prontas = dependencias();
  if (prontas === null) throw iniciando();
  return prontas;
}

/** The session of a request, where it has one that holds. */
function sessaoDe(request: FastifyRequest, contexto: ContextoDoPainel): Sessao | null {
  const valor = valorDoCookie(request);
  const { tabela } = prontasDe(contexto).credenciais;
  return valor === undefined ? null : contexto.sessoes.le(valor, tabela);
}

function rotasDeSessao(contexto: ContextoDoPainel): void {
  const { app, sessoes, exigeQuem } = contexto;
  const tentativas = new Tentativas();
  app.post('/painel/sessao', {
    schema: { ...OCULTA, body: PEDIDO_DE_SESSAO },
    onRequest: async (request) => exigeMesmaOrigem(request),
    handler: async (request, reply) => {
      const { tabela } = prontasDe(contexto).credenciais;
      tentativas.exigeSaldo(request.ip);
      const credencial = tabela.porSegredo(request.body.chave);
      if (credencial === undefined) {
        tentativas.errou(request.ip);
        throw new ErroHttp('CREDENCIAL_INVALIDA', 'a chave não existe ou foi revogada; peça outra à operação');
      }
      const aberta = sessoes.abre(request.body.chave);
      reply.header('set-cookie', cookieDaSessao(veioPorTls(request), aberta));
      return visivel({ credencial, ate: aberta.ate });
    },
  });
  app.get('/painel/sessao', {
    schema: OCULTA,
    onRequest: antesDoCorpo(exigeQuem, PAPEIS),
    handler: async (request) => {
      const sessao = sessaoDe(request, contexto);
      if (sessao === null) throw new ErroHttp('SESSAO_ENCERRADA', 'não há sessão: entre com a chave');
      return visivel(sessao);
    },
  });
  app.delete('/painel/sessao', {
    schema: OCULTA,
    onRequest: async (request) => exigeMesmaOrigem(request),
    handler: async (request, reply) => {
      const valor = valorDoCookie(request);
      if (valor !== undefined) sessoes.encerra(valor);
      // Both names, however the browser came this time.
      for (const seguro of [true, false]) reply.header('set-cookie', cookieDaSessao(seguro, null));
      return reply.code(204).send(null);
    },
  });
}

async function documento(request: FastifyRequest, reply: FastifyReply, status: number): Promise<FastifyReply> {
  const html = documentoDoPainel(await pacoteDoPainel(), temaDe(request.headers.cookie));
  return reply.code(status).header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(html);
}

/** Whoever types the bare address looks for the panel; a program that does is told that nothing is there. */
function rotaDaRaiz({ app }: ContextoDoPainel): void {
  app.get('/', { schema: OCULTA }, async (request, reply) => {
    reply.header('vary', 'accept');
    if (!aceitos(request.headers.accept ?? '').includes('text/html')) return reply.callNotFound();
    return reply.redirect('/painel', 303);
  });
}

/** Where to go on to after login: one of our pages, never an address from outside. */
const entrarPara = (pagina: string, url: string): string => {
  const [, busca = ''] = url.split('?', 2);
  return `${LOGIN}?de=${encodeURIComponent(busca === '' ? pagina : `${pagina}?${busca}`)}`;
};

function rotasDePaginas(contexto: ContextoDoPainel): void {
  const { app } = contexto;
  for (const url of ['/painel', '/painel/']) {
    app.get(url, { schema: OCULTA }, async (request, reply) => {
      const [primeira] = sessaoOuNada(request, contexto)?.paginas ?? [];
      return reply.redirect(primeira === undefined ? LOGIN : `/painel/${primeira}`, 303);
    });
  }
  app.get(LOGIN, { schema: OCULTA }, async (request, reply) => documento(request, reply, 200));
  const params = z.object({ pagina: z.string().max(64) });
  app.get('/painel/:pagina', { schema: { ...OCULTA, params } }, async (request, reply) => {
    const pagina = paginaDe(request.params.pagina);
    if (pagina === undefined) return documento(request, reply, 404);
    const sessao = sessaoOuNada(request, contexto);
    if (sessao === null) return reply.redirect(entrarPara(pagina.id, request.url), 303);
    return documento(request, reply, podeVer(pagina, sessao.papeis) ? 200 : 403);
  });
}

/** While the servers are waited for the page itself tells so, whoever asks. */
function sessaoOuNada(request: FastifyRequest, contexto: ContextoDoPainel): SessaoVisivel | null {
  if (contexto.dependencias() === null) return null;
  const sessao = sessaoDe(request, contexto);
  return sessao === null ? null : visivel(sessao);
}

function rotaDosArquivos({ app }: ContextoDoPainel): void {
  const params = z.object({ arquivo: z.string().max(128) });
  app.get(`${PASTA_DOS_ARQUIVOS}:arquivo`, { schema: { ...OCULTA, params } }, async (request, reply) => {
    const { arquivos } = await pacoteDoPainel();
    const arquivo = arquivos.get(request.params.arquivo);
    if (arquivo === undefined) throw new ErroHttp('ROTA_DESCONHECIDA', 'este arquivo é de outra versão: recarregue');
    const { codificacao, corpo } = escolhe(arquivo, request.headers['accept-encoding']);
    if (codificacao !== null) reply.header('content-encoding', codificacao);
    return reply
      .header('vary', 'accept-encoding')
      .header('cache-control', `public, max-age=${ANO_S}, immutable`)
      .type(arquivo.tipo)
      .send(corpo);
  });
}

/** The panel: its document, its code, its sessions and what it watches live. */
export function registraPainel(contexto: ContextoDoPainel): void {
  // Under way before the first browser asks.
  void pacoteDoPainel().catch(() => undefined);
  contexto.app.register(async (app: Servidor) => {
    await app.register(helmet, {
      contentSecurityPolicy: POLITICA,
      // Of the whole host, which may serve others in clear: for who ends TLS to say.
      strictTransportSecurity: false,
      referrerPolicy: { policy: 'same-origin' },
    });
    // What sessao.ts reads and writes cookies with is loaded by this; nobody else's are looked at.
    await app.register(cookies, { hook: false });
    const doPainel = { ...contexto, app };
    rotasDeSessao(doPainel);
    rotaDaRaiz(doPainel);
    rotasDePaginas(doPainel);
    rotaDosArquivos(doPainel);
    registraDados(doPainel);
  });
}
