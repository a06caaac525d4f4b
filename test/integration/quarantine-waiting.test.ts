import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { PortfolioEmMemoria } from '#domain/portfolio-esquema.ts';
import { RetryableError } from '../../platform/errors.ts';
import { LIMITES } from '../../platform/quarentena/automatico.ts';
import { corrige } from '../../platform/quarentena/correcao.ts';
import { leEdicao } from '../../platform/quarentena/edicao.ts';
import { intocada, LOTE_DE_REENVIO, reenvia } from '../../platform/quarentena/reenvio.ts';
import { SalaDeEspera, vigiaAEspera } from '../../services/classifier/espera.ts';
import { CHAVE_DO_CPF, CONSULTORIA, type Quarentena, quarentena } from './quarantine-fixture.ts';

let q: Quarentena;
beforeAll(async () => {
  q = await quarentena();
});
afterAll(() => q?.fecha());

/** A portfolio of its own, and the rooms of instances that follow it. */
function mundo() {
  const portfolio = new PortfolioEmMemoria();
  const source = q.fonte();
  const solucaoId = `CO-${randomUUID()}`;
  const away: Error[] = [];
  const caughtUp = async () => {
    const error = away.shift();
    if (error !== undefined) throw error;
  };
  const instancia = () => new SalaDeEspera({ ...q.partes(), portfolio, follower: { caughtUp } }, randomUUID());
  const cadastra = (id = solucaoId) => {
    const nada = { frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null };
    portfolio.solucoes.set(id, { id, tipoSolucao: 'consultoria', nome: 'Consultoria', ...nada });
  };
  const esperam = (quantas: number, parte: Partial<Interacao> = {}) =>
    q.espera(Array.from({ length: quantas }, (_, n) => ({ ...CONSULTORIA, source, solucaoId, id: `e${n}`, ...parte })));
  return { source, portfolio, solucaoId, away, instancia, cadastra, esperam };
}

const olha = async (sala: SalaDeEspera, agora = Date.now()) => (await sala.olha(agora)).reenviados;

/** Looks until nothing is left to be decided. */
async function ateOFim(sala: SalaDeEspera): Promise<number[]> {
  const lotes: number[] = [];
  for (let haMais = true; haMais; ) {
    const olhada = await sala.olha(Date.now());
    lotes.push(olhada.reenviados);
    haMais = olhada.haMais;
  }
  return lotes;
}

describe('what waits for the portfolio', () => {
  it('comes back once it has what it names, and nothing else does; once, restarts or not', async () => {
    const { source, instancia, cadastra, esperam } = mundo();
    await esperam(3);
    await esperam(1, { id: 'outra', solucaoId: `CO-${randomUUID()}` });
    await esperam(1, { id: 'assim não', canal: null });
    const sala = instancia();
    expect(await ateOFim(sala)).toSatisfy((lotes: number[]) => lotes.every((n) => n === 0));
    cadastra('outra coisa');
    expect(await olha(sala)).toBe(0);
    cadastra();
    expect(await ateOFim(sala)).toEqual([3]);
    await esperam(1, { id: 'tardia' });
    expect([await olha(sala), await olha(sala)]).toEqual([1, 0]);
    const reiniciada = instancia();
    expect(await ateOFim(reiniciada)).toSatisfy((lotes: number[]) => lotes.every((n) => n === 0));
    expect((await q.vezes(source)).sort()).toEqual([1, 1, 1, 1]);
  });

  it('comes back once with several instances at work, no more at a time than the bound', async () => {
    const { source, instancia, cadastra, esperam } = mundo();
    await esperam(2 * LOTE_DE_REENVIO + 50);
    const salas = [instancia(), instancia(), instancia()];
    for (const sala of salas) await ateOFim(sala);
    cadastra();
    const lotes = (await Promise.all(salas.map(ateOFim))).flat();
    expect(Math.max(...lotes)).toBe(LOTE_DE_REENVIO);
    expect(lotes.reduce((soma, n) => soma + n)).toBe(2 * LOTE_DE_REENVIO + 50);
    expect(await q.vezes(source)).toEqual(Array.from({ length: 2 * LOTE_DE_REENVIO + 50 }, () => 1));
  });

  it('waits for a person after too many attempts, or too long', async () => {
    const { source, instancia, cadastra, solucaoId } = mundo();
    const tentada = (n: number, id: string) =>
      q.registroDe({ ...CONSULTORIA, source, solucaoId, id }, { 'atendido-tentativa': Buffer.from(String(n)) });
    await q.poeDeLado('interacoes', [
      tentada(LIMITES.tentativas, 'cansada'),
      tentada(LIMITES.tentativas - 1, 'a última'),
    ]);
    cadastra();
    const tarde = Date.now() + LIMITES.idadeMs + 60_000;
    expect(await olha(instancia(), tarde)).toBe(0);
    await ateOFim(instancia());
    expect((await q.copias('interacoes', source)).map(({ interacao }) => interacao.id)).toEqual(['a última']);
  });

  it('is left to whoever corrected it', async () => {
    const { source, instancia, cadastra, esperam } = mundo();
    await esperam(1);
    const [id = ''] = await q.ids(source);
    const correcoes = { edicoes: [leEdicao('duracaoMin=120')] };
    await corrige(q.partes(), {
      id,
      correcoes,
      por: 'ana',
      outraIdentidade: false,
      pseudonimo: pseudonimizador(CHAVE_DO_CPF),
    });
    cadastra();
    await ateOFim(instancia());
    expect(await q.vezes(source)).toEqual([]);
  });

  it('is left to whoever corrects it while it is about to be put back', async () => {
    const { source, portfolio, cadastra, esperam } = mundo();
    await esperam(2);
    const [id = ''] = await q.ids(source);
    const correcoes = { edicoes: [leEdicao('duracaoMin=120')] };
    const partes = q.partes();
    // After the look has read what was done, before the replay's turn to write.
    const exclusive = async (nome: string) => {
      await corrige(q.partes(), {
        id,
        correcoes,
        por: 'ana',
        outraIdentidade: false,
        pseudonimo: pseudonimizador(CHAVE_DO_CPF),
      });
      return partes.kafka.exclusive(nome);
    };
    const follower = { caughtUp: async () => undefined };
    const sala = new SalaDeEspera(
      { ...partes, kafka: { ...partes.kafka, exclusive }, portfolio, follower },
      randomUUID(),
    );
    cadastra();
    expect((await ateOFim(sala)).reduce((soma, n) => soma + n)).toBe(1);
    expect(await q.vezes(source)).toEqual([1]);
  });

  it('is held up to a bound, and what is beyond it comes in as others leave', async () => {
    const { source, esperam } = mundo();
    await esperam(12);
    const nada = { frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null };
    const solucao = (id: string) => ({ id, tipoSolucao: 'consultoria', nome: 'Consultoria', ...nada });
    const portfolio = { solucao, disponibilizacao: () => undefined };
    const follower = { caughtUp: async () => undefined };
    const sala = new SalaDeEspera({ ...q.partes(), portfolio, follower }, randomUUID());
    const { esperando } = LIMITES;
    try {
      LIMITES.esperando = 5;
      const lotes: number[] = [];
      while (lotes.at(-1) !== 0) lotes.push(await olha(sala));
      expect(lotes).toSatisfy((todos: number[]) => todos.every((n) => n <= 5));
    } finally {
      LIMITES.esperando = esperando;
    }
    expect(await q.vezes(source)).toEqual(Array.from({ length: 12 }, () => 1));
  });

  it('goes on where it was once a server is back', async () => {
    const { source, instancia, cadastra, esperam, away } = mundo();
    await esperam(1);
    const sala = instancia();
    await ateOFim(sala);
    cadastra();
    away.push(new RetryableError('Kafka não responde'));
    await expect(olha(sala)).rejects.toThrow(RetryableError);
    expect(await ateOFim(sala)).toEqual([1]);
    expect(await q.vezes(source)).toEqual([1]);
  });
});

describe('the loop', () => {
  it('tells what a look failed with, looks again, and ends when it is told to', async () => {
    const fim = new AbortController();
    const ditos: unknown[] = [];
    const olhadas = [Promise.reject(new RetryableError('fora')), Promise.resolve({ reenviados: 2, haMais: true })];
    const laco = vigiaAEspera({
      sala: { olha: () => olhadas.shift() ?? Promise.reject(new Error('too many looks')) },
      aoReenviar: (n) => {
        ditos.push(n);
        fim.abort();
      },
      aoEsperar: (causa) => ditos.push(causa.message),
      sinal: fim.signal,
    });
    await laco;
    expect(ditos).toEqual(['fora', 2]);
  });

  it('ends within seconds while a server does not answer, and tries nothing again', { timeout: 8_000 }, async () => {
    const fim = new AbortController();
    const nada = () => undefined;
    const sala = { olha: () => new Promise<never>(nada) };
    const laco = vigiaAEspera({ sala, aoReenviar: nada, aoEsperar: nada, sinal: fim.signal });
    const partes = q.partes();
    const exclusive = vi.fn(async () => {
      fim.abort();
      throw new RetryableError('fora');
    });
    const kafka = { ...partes.kafka, exclusive };
    const reenvio = reenvia({ ...partes, kafka, sinal: fim.signal }, [], { por: 'x', execucao: 'x' }, intocada);
    await expect(reenvio).rejects.toThrow('fora');
    expect(exclusive).toHaveBeenCalledOnce();
    await laco;
  });

  it('crashes on a bug', async () => {
    const sala = { olha: () => Promise.reject(new TypeError('um defeito')) };
    const nada = () => undefined;
    const laco = vigiaAEspera({ sala, aoReenviar: nada, aoEsperar: nada, sinal: new AbortController().signal });
    await expect(laco).rejects.toThrow('um defeito');
  });
});
