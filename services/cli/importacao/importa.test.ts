import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CodedError, RetryableError } from '#platform/errors.ts';
import type { CloudEvent, Resultado, Transporte } from '#producer/index.ts';
import { ensaia } from './ensaio.ts';
import { type Estado, GuardaDoEstado } from './estado.ts';
import { importa, type Pedido, prepara } from './importa.ts';

const pasta = mkdtempSync(join(tmpdir(), 'atendido-importa-'));
vi.stubEnv('ATENDIDO_HOME', pasta);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(pasta, { recursive: true, force: true });
});

const LINHAS = 5_500;
const RUIM_A_CADA = 400;
const recusada = (n: number) => n % RUIM_A_CADA === 7;
const RUINS = Array.from({ length: LINHAS }, (_, n) => n).filter(recusada);
let vezes = 0;
let pedido: Pedido;
beforeEach(() => {
  vezes += 1;
  const arquivo = join(pasta, `${vezes}.ndjson`);
  // The source is new each time, and so is the file.
  const linhas = Array.from({ length: LINHAS }, (_, n) => JSON.stringify({ id: `${vezes}/${n}` }));
  writeFileSync(arquivo, `${linhas.join('\n')}\n`);
  pedido = { arquivo, source: 'crm', recomeca: false };
});

class Morte extends Error {}

/** A door that refuses some, and what it took. @param antes is asked before each request */
function porta(antes: () => void = () => undefined): Transporte & { aceitos: Set<string> } {
  const aceitos = new Set<string>();
  const responde = ({ id }: CloudEvent): Resultado => {
    if (recusada(Number(id.split('/')[1]))) return { id, estado: 'recusado', motivo: 'CPF_INVALIDO', detalhe: 'x: y' };
    aceitos.add(id);
    return { id, estado: 'aceito' };
  };
  return {
    aceitos,
    async envia(eventos) {
      antes();
      return eventos.map(responde);
    },
    fecha: async () => undefined,
  };
}

async function roda(transporte: Transporte, mais: Partial<Pedido> = {}, sinal = new AbortController().signal) {
  const este = { ...pedido, ...mais };
  const preparado = await prepara(este);
  return importa(este, preparado, {
    comAcesso: (_nome, trabalho) => trabalho(transporte),
    conferindo: () => undefined,
    abreProgresso: () => ({ anda: () => undefined, acaba: () => undefined }),
    sinal,
    detalhe: () => '',
  });
}

const relatadas = ({ relatorio }: Estado) =>
  readFileSync(relatorio.caminho, 'utf8')
    .trim()
    .split('\n')
    .map((l) => Number(JSON.parse(l).id.split('/')[1]));

describe('an import', () => {
  it('of the same file by two sources at once gives each its own report', async () => {
    // Both have begun before either has refused anything.
    const ambas = Promise.withResolvers<void>();
    let pediram = 0;
    const junta = (dentro: ReturnType<typeof porta>): Transporte => ({
      ...dentro,
      async envia(eventos) {
        pediram += 1;
        if (pediram === 2) ambas.resolve();
        await ambas.promise;
        return dentro.envia(eventos);
      },
    });
    const rodadas = await Promise.all(['crm', 'outra'].map((source) => roda(junta(porta()), { source })));
    const feitas = rodadas.map(({ estado }) => estado);
    expect(new Set(feitas.map(({ relatorio }) => relatorio.caminho)).size).toBe(2);
    for (const feita of feitas) expect(relatadas(feita)).toEqual(RUINS);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('that dies at its request or at its write number %d comes out the same', async (n) => {
    let [pedidos, escritas] = [0, 0];
    const grava = GuardaDoEstado.prototype.grava;
    const morre = (vez: number) => {
      if (vez === n) throw new Morte();
    };
    const depoisDeGravar = vi.spyOn(GuardaDoEstado.prototype, 'grava').mockImplementation(async function (
      this: GuardaDoEstado,
      estado,
    ) {
      escritas += 1;
      // Dead with the report written, and the position not.
      morre(escritas);
      await grava.call(this, estado);
    });
    const p = porta(() => {
      pedidos += 1;
      morre(pedidos);
    });
    let mortes = 0;
    let feito: Estado | null = null;
    while (feito === null) {
      try {
        feito = (await roda(p)).estado;
      } catch (e) {
        if (!(e instanceof Morte)) throw e;
        mortes += 1;
      }
    }
    depoisDeGravar.mockRestore();
    expect(mortes).toBeGreaterThan(0);
    expect(feito).toMatchObject({ aceitas: LINHAS - RUINS.length, recusadas: { CPF_INVALIDO: RUINS.length } });
    expect(p.aceitos.size).toBe(LINHAS - RUINS.length);
    expect(relatadas(feito)).toEqual(RUINS);
  });

  it('is done once; and again where it is asked to', async () => {
    expect(await roda(porta())).toMatchObject({ jaFeita: false });
    const outra = porta();
    expect(await roda(outra)).toMatchObject({ jaFeita: true, estado: { aceitas: LINHAS - RUINS.length } });
    expect(outra.aceitos.size).toBe(0);
    const { estado, jaFeita } = await roda(outra, { recomeca: true });
    expect([jaFeita, outra.aceitos.size, relatadas(estado)]).toEqual([false, LINHAS - RUINS.length, RUINS]);
  });

  it('says where it stopped, and stops where it is told to', async () => {
    let pedidos = 0;
    const fora = porta(() => {
      pedidos += 1;
      if (pedidos > 2) throw new RetryableError('a porta não aceita eventos');
    });
    const parou = await roda(fora).catch((e: CodedError) => e);
    expect(parou).toMatchObject({ code: 'SERVIDOR_FORA', message: expect.stringMatching(/depois da linha 2000;/) });
    const parada = new AbortController();
    const interrompe = porta(() => parada.abort(new CodedError('INTERROMPIDO', 'x')));
    await expect(roda(interrompe, {}, parada.signal)).rejects.toMatchObject({ code: 'INTERROMPIDO' });
    expect((await roda(porta())).estado).toMatchObject({ aceitas: LINHAS - RUINS.length });
  });

  it('ends where the key is of another source, with no line refused for it', async () => {
    const outra: Transporte = {
      ...porta(),
      envia: async (e) => e.map(({ id }) => ({ id, estado: 'recusado', motivo: 'FONTE_NAO_AUTORIZADA', detalhe: 'x' })),
    };
    await expect(roda(outra)).rejects.toMatchObject({ code: 'FONTE_NAO_AUTORIZADA' });
    expect((await roda(porta())).estado.recusadas).toEqual({ CPF_INVALIDO: RUINS.length });
  });

  it('does not go on with another reading of the file', async () => {
    const parada = new AbortController();
    const interrompe = porta(() => parada.abort(new CodedError('INTERROMPIDO', 'x')));
    await expect(roda(interrompe, {}, parada.signal)).rejects.toThrow();
    const mapa = join(pasta, 'm.yaml');
    writeFileSync(mapa, 'colunas: [A]\ncampos: {tipo: {constante: login}, time: A, unidade: {constante: SP}}');
    await expect(roda(porta(), { mapa })).rejects.toMatchObject({ code: 'IMPORTACAO_DIVERGENTE' });
  });

  it('is of one process at a time', async () => {
    const [chegou, solta] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const lenta: Transporte = {
      ...porta(),
      envia: async (eventos) => {
        chegou.resolve();
        await solta.promise;
        return porta().envia(eventos);
      },
    };
    const primeira = roda(lenta);
    await chegou.promise;
    await expect(roda(porta())).rejects.toMatchObject({ code: 'IMPORTACAO_EM_CURSO' });
    solta.resolve();
    expect((await primeira).jaFeita).toBe(false);
  });

  it('writes the report where it is told to, and over no other file', async () => {
    const recusados = join(pasta, `${vezes}.txt`);
    const { estado } = await roda(porta(), { recusados });
    expect([estado.relatorio.caminho, relatadas(estado)]).toEqual([recusados, RUINS]);
    const outra = roda(porta(), { recusados, recomeca: true });
    await expect(outra).rejects.toMatchObject({ code: 'ARQUIVO_NAO_GRAVADO' });
  });

  it.runIf(process.platform === 'linux')('has no digest made of a file that is only examined', async () => {
    const grande = join(pasta, 'grande.ndjson');
    writeFileSync(grande, `${'x'.repeat(999_999)}\n`.repeat(20));
    const lidos = (): number => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
    const antes = lidos();
    const { leitura } = await prepara({ ...pedido, arquivo: grande });
    await ensaia(leitura, {
      sinal: new AbortController().signal,
      diz: async () => undefined,
      progresso: () => undefined,
    });
    // All of it once, and what else this process read.
    expect(lidos() - antes).toBeGreaterThan(20_000_000);
    expect(lidos() - antes).toBeLessThan(35_000_000);
  });

  it('tells of a file that changed meanwhile', async () => {
    const muda = porta(() => writeFileSync(pedido.arquivo, 'outra coisa\n', { flag: 'a' }));
    await expect(roda(muda)).rejects.toMatchObject({ code: 'ARQUIVO_MUDOU' });
  });
});
