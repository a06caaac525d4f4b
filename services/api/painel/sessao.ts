import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { fastifyCookie as cookies } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Credencial, hashDoSegredo } from '#platform/credenciais/credencial.ts';
import type { Credenciais } from '#platform/credenciais/tabela.ts';
import type { PorSessao } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';

/** A working day, and it is asked for again. */
const DURACAO_MS = 12 * 3_600_000;
const [IV_BYTES, SELO_BYTES, CHAVE_BYTES] = [12, 16, 32];

/** What the cookie holds, sealed: the browser can neither read nor change it. */
const conteudo = z.object({
  id: z.string(),
  /** Of the secret that was presented: looked up at every call, so that a session never outlives its key. */
  hash: z.string(),
  /** Milliseconds since the epoch. */
  ate: z.number(),
});
type Conteudo = z.infer<typeof conteudo>;

/** Whose session it is, and until when. */
export interface Sessao {
  credencial: Credencial;
  ate: number;
}

type Requisicao = Pick<FastifyRequest, 'headers' | 'method' | 'protocol'>;

/** The key that seals sessions: of all instances of the api the same, and another where the operator's key is another. */
export function chaveDasSessoes(chaveOperacao: string): Buffer {
  return Buffer.from(hkdfSync('sha256', chaveOperacao, '', 'atendido: sessões do painel', CHAVE_BYTES));
}

/**
 * Sessions of the panel. A session is kept by the browser alone, sealed (AES-256-GCM): every instance of the api knows
 * it, and it survives a restart. It holds only while its key does. One that was ended is remembered by this process, so
 * that a copy of the cookie is worth nothing here either; elsewhere it ends with its time.
 */
export class Sessoes {
  readonly #chave: Buffer;
  readonly #agora: () => number;
  /** By id, until when it would have held. */
  readonly #encerradas = new Map<string, number>();

  constructor(chave: Buffer, agora: () => number = Date.now) {
    this.#chave = chave;
    this.#agora = agora;
  }

  /** A session of whoever holds this secret. */
  abre(segredo: string): { valor: string; ate: number } {
    const ate = this.#agora() + DURACAO_MS;
    return { valor: this.#sela({ id: randomUUID(), hash: hashDoSegredo(segredo), ate }), ate };
  }

  /** @returns null: not one of ours, over, ended, or its key was revoked or changed */
  le(valor: string, credenciais: Pick<Credenciais, 'porHash'>): Sessao | null {
    const lido = this.#abreSelo(valor);
    if (lido === null || lido.ate <= this.#agora() || this.#encerradas.has(lido.id)) return null;
    const credencial = credenciais.porHash(lido.hash);
    return credencial === undefined ? null : { credencial, ate: lido.ate };
  }

  encerra(valor: string): void {
    const lido = this.#abreSelo(valor);
    const agora = this.#agora();
    for (const [id, ate] of this.#encerradas) if (ate <= agora) this.#encerradas.delete(id);
    if (lido !== null) this.#encerradas.set(lido.id, lido.ate);
  }

  #sela(aberto: Conteudo): string {
    const iv = randomBytes(IV_BYTES);
    const cifra = createCipheriv('aes-256-gcm', this.#chave, iv);
    const texto = Buffer.concat([cifra.update(JSON.stringify(aberto)), cifra.final()]);
    return Buffer.concat([iv, texto, cifra.getAuthTag()]).toString('base64url');
  }

  #abreSelo(valor: string): Conteudo | null {
    const bytes = Buffer.from(valor, 'base64url');
    if (bytes.length <= IV_BYTES + SELO_BYTES) return null;
    const cifra = createDecipheriv('aes-256-gcm', this.#chave, bytes.subarray(0, IV_BYTES));
    cifra.setAuthTag(bytes.subarray(-SELO_BYTES));
    try {
      const texto = Buffer.concat([cifra.update(bytes.subarray(IV_BYTES, -SELO_BYTES)), cifra.final()]);
      return conteudo.parse(JSON.parse(texto.toString()));
    } catch {
      // Not sealed by us, or cut: nobody's.
      return null;
    }
  }
}

/** Under TLS the browser itself sees to it that no other host and no page in clear sets the cookie. */
const nomeDoCookie = (seguro: boolean): string => (seguro ? '__Host-atendido' : 'atendido');

/** Whether the browser speaks TLS: to us, or to the proxy in front. What a caller claims here binds only its own cookie. */
export function veioPorTls({ protocol, headers }: Pick<FastifyRequest, 'protocol' | 'headers'>): boolean {
  return protocol === 'https' || headers['x-forwarded-proto'] === 'https';
}

/** The header that keeps a session in the browser; without one: that forgets it. */
export function cookieDaSessao(seguro: boolean, sessao: { valor: string; ate: number } | null): string {
  return cookies.serialize(nomeDoCookie(seguro), sessao?.valor ?? '', {
    httpOnly: true,
    sameSite: 'strict',
    secure: seguro,
    path: '/',
    expires: new Date(sessao?.ate ?? 0),
  });
}

/** The session's cookie; undefined: none. Over TLS only by the name that no other host can set. */
export function valorDoCookie(request: Pick<FastifyRequest, 'headers' | 'protocol'>): string | undefined {
  return cookies.parse(request.headers.cookie ?? '')[nomeDoCookie(veioPorTls(request))];
}

const SO_LE = new Set(['GET', 'HEAD']);

/**
 * A browser sends the cookie whoever asks it to, from this site: the call must come from our own pages.
 * @throws ErroHttp ORIGEM_RECUSADA
 */
export function exigeMesmaOrigem({ headers, method }: Requisicao): void {
  const site = headers['sec-fetch-site'];
  // `none`: the person at the browser asked, by address or bookmark; that never changes anything.
  const boa = site === 'same-origin' || (SO_LE.has(method) && (site === undefined || site === 'none'));
  if (boa) return;
  // In clear, elsewhere than on the machine itself, browsers send no Sec-Fetch-Site, but Origin with all that changes.
  const { origin, host } = headers;
  if (site === undefined && origin !== undefined && URL.canParse(origin) && new URL(origin).host === host) return;
  throw new ErroHttp('ORIGEM_RECUSADA', 'com a sessão do painel só chamam as páginas do próprio painel');
}

/** Lets the session stand in for a key. */
export function porSessao(sessoes: Sessoes): PorSessao {
  return (request, credenciais) => {
    const valor = valorDoCookie(request);
    if (valor === undefined) return null;
    exigeMesmaOrigem(request);
    const sessao = sessoes.le(valor, credenciais);
    if (sessao !== null) return sessao.credencial;
    throw new ErroHttp('SESSAO_ENCERRADA', 'a sessão venceu, ou a chave dela não vale mais: entre de novo');
  };
}
