import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Counter, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import type { Credencial } from '#platform/credenciais/credencial.ts';
import { RetryableError } from '#platform/errors.ts';
import type { OutputRecord } from '#platform/kafka/port.ts';
import { abertos, evento } from './app-fixture.ts';
import { recebeLinhas } from './fluxo.ts';
import { Resultados } from './resultados.ts';

const LMS: Credencial = {
  id: 'lms',
  hash: '',
  source: 'lms',
  papeis: ['produtor'],
  interacoes: null,
  criada: '',
  mudada: null,
  anterior: null,
  limite: null,
};

function recebimento(send: (records: readonly OutputRecord[]) => Promise<void>, cobra = (_eventos: number) => {}) {
  return {
    cobra,
    producer: { send },
    codec: { encode: (v: object) => Buffer.from(JSON.stringify(v)) },
    pseudonimo: pseudonimizador('uma chave qualquer'),
    credenciais: { fonte: () => ({ source: 'lms', nome: 'LMS', interacoes: ['*' as const] }) },
    itens: new Counter({ name: 'n', help: 'n', labelNames: ['estado', 'motivo'], registers: [new Registry()] }),
  };
}

const linha = (id: string, unidade?: string) => `${JSON.stringify(evento(id, unidade))}\n`;

/** Lines in pieces of about 64 KiB, as a socket gives them; `lidos` is how many pieces were asked for. */
function corpoDe(linhas: number) {
  const estado = { lidos: 0 };
  function* pedacos() {
    for (let n = 0; n < linhas; ) {
      let pedaco = '';
      for (; n < linhas && pedaco.length < 65_536; n += 1) pedaco += linha(`e${n}`, n % 10 === 9 ? 'XX' : 'SP');
      estado.lidos += 1;
      yield Buffer.from(pedaco);
    }
  }
  return { estado, corpo: Readable.from(pedacos(), { objectMode: false }) };
}

const arquivos = () => readdirSync(tmpdir()).filter((nome) => nome.startsWith('atendido-respostas-'));

describe('recebeLinhas', () => {
  it('reads no further than Kafka keeps', async () => {
    const { estado, corpo } = corpoDe(Number.POSITIVE_INFINITY);
    const { promise: enviado, resolve: envia } = Promise.withResolvers<void>();
    const { promise: falha, reject: falhou } = Promise.withResolvers<void>();
    const respondida = recebeLinhas(
      corpo,
      recebimento(() => {
        envia();
        return falha;
      }),
      LMS,
    );
    await enviado;
    const parou = async () => {
      const antes = estado.lidos;
      await new Promise((r) => setTimeout(r, 50));
      return estado.lidos === antes;
    };
    await expect.poll(parou).toBe(true);
    expect(estado.lidos).toBeLessThan(6);
    falhou(new RetryableError('sem broker'));
    await expect(respondida).rejects.toBeInstanceOf(RetryableError);
    expect(estado.lidos).toBeLessThan(8);
  });

  it('more events than a batch may have: each with its answer, in order, sent in order', async () => {
    const { corpo } = corpoDe(30_000);
    const ids: string[] = [];
    let juntos = 0;
    const send = async (records: readonly OutputRecord[]) => {
      juntos += 1;
      expect(juntos).toBe(1);
      await new Promise(setImmediate);
      ids.push(...records.map((r) => JSON.parse(String(r.value)).id as string));
      juntos -= 1;
    };
    const resposta = await recebeLinhas(corpo, recebimento(send), LMS);
    const lista = JSON.parse(await text(resposta.corpo)) as { id: string; estado: string }[];
    expect(resposta.status).toBe(207);
    expect(lista.map((r) => r.id)).toEqual(Array.from({ length: 30_000 }, (_, n) => `e${n}`));
    expect(ids).toEqual(lista.filter((r) => r.estado === 'aceito').map((r) => r.id));
    expect(ids).toHaveLength(27_000);
    expect(arquivos()).toEqual([]);
  });

  it('counts each event against the limit of its key as it comes, and ends when the key is revoked', async () => {
    const cobrados: number[] = [];
    const enviados: OutputRecord[] = [];
    const recusa = new Error('revoked');
    const cobra = (eventos: number) => {
      cobrados.push(eventos);
      if (cobrados.length === 3) throw recusa;
    };
    const aberto = recebimento(async (records) => void enviados.push(...records), cobra);
    await expect(recebeLinhas(corpoDe(30_000).corpo, aberto, LMS)).rejects.toBe(recusa);
    const [primeiro = 0, segundo = 0] = cobrados;
    expect(enviados.length).toBeGreaterThan(0);
    expect(enviados.length).toBeLessThanOrEqual(primeiro + segundo);
  });

  it('a line too long is refused alone, and never held', async () => {
    const enorme = Array.from({ length: 200 }, () => Buffer.alloc(65_536, 'x'));
    const corpo = Readable.from([Buffer.from(linha('a')), ...enorme, Buffer.from(`\n${linha('b')}`)]);
    const resposta = await recebeLinhas(
      corpo,
      recebimento(async () => {}),
      LMS,
    );
    expect(JSON.parse(await text(resposta.corpo))).toMatchObject([
      { id: 'a', estado: 'aceito' },
      { id: null, estado: 'recusado', motivo: 'CORPO_GRANDE_DEMAIS' },
      { id: 'b', estado: 'aceito' },
    ]);
  });

  it('all accepted 202, none 400, nothing at all refused as a whole', async () => {
    const recebe = (texto: string) =>
      recebeLinhas(
        Readable.from([Buffer.from(texto)]),
        recebimento(async () => {}),
        LMS,
      );
    expect((await recebe(linha('a'))).status).toBe(202);
    expect((await recebe(linha('a', 'XX'))).status).toBe(400);
    await expect(recebe('\n \r\n')).rejects.toMatchObject({ codigo: 'ESQUEMA_INVALIDO' });
  });
});

function destroi(this: Readable): void {
  this.destroy();
}

describe('Resultados', () => {
  it('is the same list in memory and on disk, where it leaves nothing', async () => {
    const [memoria, disco] = [new Resultados(), new Resultados(1_000)];
    for (let n = 0; n < 5_000; n += 1) {
      const item = { id: `ação ${n}`, estado: n % 3 === 0 ? ('recusado' as const) : ('aceito' as const) };
      await Promise.all([memoria, disco].map((r) => r.acrescenta([item])));
    }
    expect(arquivos()).toEqual([]);
    const [a, b] = await Promise.all([memoria, disco].map(async (r) => text(await r.corpo())));
    expect(b).toBe(a);
    expect(JSON.parse(b ?? '')).toHaveLength(5_000);
    expect([disco.todos, disco.aceitos]).toEqual([5_000, 3_333]);
  });

  async function noDisco(): Promise<Resultados> {
    const disco = new Resultados(1_000);
    for (let n = 0; n < 50_000; n += 1) await disco.acrescenta([{ id: String(Math.random()), estado: 'aceito' }]);
    return disco;
  }

  it('a reader that goes away half-way breaks nothing', async () => {
    const corpo = await (await noDisco()).corpo();
    await once(corpo, 'readable');
    corpo.destroy();
    await once(corpo, 'close');
  });

  // A file left open is closed when its handle is collected, which Node will take for an error (DEP0137).
  it.runIf(process.platform === 'linux').each<[string, (disco: Resultados) => Promise<unknown>]>([
    ['read to its end', async (disco) => text(await disco.corpo())],
    ['read half-way', async (disco) => once((await disco.corpo()).once('data', destroi), 'close')],
    ['not read at all', async (disco) => once((await disco.corpo()).destroy(), 'close')],
    ['discarded', (disco) => disco.descarta()],
  ])('the file is closed: %s', async (_como, usa) => {
    const disco = await noDisco();
    expect(abertos()).toBe(1);
    await usa(disco);
    await expect.poll(abertos).toBe(0);
  });
});
