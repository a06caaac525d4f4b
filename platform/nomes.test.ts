import { afterEach, describe, expect, test, vi } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { FiltroDeIds } from '#domain/filtro-de-ids.ts';
import { impressaoDaChave, pseudonimizadorSelado, TrocasDeChave } from '#domain/troca-de-chave.ts';
import { RetryableError } from './errors.ts';
import { NO_HEADERS, type OutputRecord } from './kafka/port.ts';
import { followNomes, Nomes } from './nomes.ts';
import {
  LeituraDasTrocas,
  pedacosDoFiltro,
  registroDaChaveEmUso,
  registroDaTroca,
  registroEmVigor,
  trocaNova,
} from './trocas.ts';

const [ANTERIOR, NOVA] = ['a-chave-de-antes-da-troca', 'a-chave-de-depois-da-troca'];
const [CONHECIDA, DA_CAUDA, OUTRA] = ['52998224725', '11144477735', '39053344705'];
const antes = pseudonimizador(ANTERIOR);
const depois = pseudonimizadorSelado(NOVA);
const troca = trocaNova({ por: 'ana', anterior: impressaoDaChave(ANTERIOR), nova: impressaoDaChave(NOVA) });
// In several pieces.
const conhecidos = FiltroDeIds.para(600_000);
conhecidos.adiciona(antes(CONHECIDA));
const pedacos = [...pedacosDoFiltro(troca.id, conhecidos)];
const emVigor = registroEmVigor({ ...troca, conhecidos, limites: { interacoes: [7], presencas: [9] } }, [
  antes(DA_CAUDA),
]);

function lido(...registros: OutputRecord[]): TrocasDeChave {
  const trocas = new TrocasDeChave();
  const leitura = new LeituraDasTrocas(trocas);
  for (const { key, value } of registros)
    leitura.recebe({ key: Buffer.from(String(key)), value, headers: NO_HEADERS } as never);
  return trocas;
}
const nomes = (trocas: TrocasDeChave, clientIdKey = NOVA, clientIdKeyAnterior: string | null = ANTERIOR) =>
  new Nomes({ clientIdKey, clientIdKeyAnterior }, trocas);

describe('how a CPF is named', () => {
  test('until a change is in force, by the key in use', () => {
    expect(nomes(lido(), ANTERIOR, null).registra(OUTRA)).toBe(antes(OUTRA));
    expect(nomes(lido()).registra(OUTRA)).toBe(antes(OUTRA));
    expect(nomes(lido(...pedacos)).registra(OUTRA)).toBe(antes(OUTRA));
  });

  test('while it is announced only of who is looked for; withdrawn, as before', () => {
    const anunciada = nomes(lido(...pedacos, registroDaTroca(troca, 'anunciada')));
    expect(() => anunciada.registra(CONHECIDA)).toThrow(RetryableError);
    expect(anunciada.procura(CONHECIDA)).toBe(antes(CONHECIDA));
    const retirada = lido(registroDaTroca(troca, 'anunciada'), registroDaTroca(troca, 'retirada'));
    expect(nomes(retirada).registra(OUTRA)).toBe(antes(OUTRA));
  });

  test('in force, who was known keeps the name, and who came after the filter was published', () => {
    expect(pedacos.length).toBeGreaterThan(1);
    const { registra, procura } = nomes(lido(...pedacos, registroDaTroca(troca, 'anunciada'), emVigor));
    for (const nomeia of [registra, procura]) {
      expect([CONHECIDA, DA_CAUDA, OUTRA].map(nomeia)).toEqual([antes(CONHECIDA), antes(DA_CAUDA), depois(OUTRA)]);
    }
  });

  /** Somebody who sends, and may hear of changes while it is under way. */
  function quemEnvia() {
    const trocas = new TrocasDeChave();
    const leitura = new LeituraDasTrocas(trocas);
    const diz = ({ key, value }: OutputRecord) =>
      leitura.recebe({ key: Buffer.from(String(key)), value, headers: NO_HEADERS } as never);
    const enviando = (envio: () => Promise<string>) => nomes(trocas).enviando(envio);
    const feito = async () => 'feito';
    const durante = (...registros: OutputRecord[]) =>
      enviando(async () => {
        for (const um of registros) diz(um);
        return 'feito';
      });
    for (const um of pedacos) diz(um);
    return { diz, enviando, feito, durante };
  }

  test('what is taken while a change comes into force is refused, to be sent again: it may stand behind its offsets', async () => {
    const anunciada = registroDaTroca(troca, 'anunciada');
    const { diz, enviando, feito, durante } = quemEnvia();
    expect(await enviando(feito)).toBe('feito');
    await expect(durante(anunciada)).rejects.toThrow(RetryableError);
    // Known to be announced, nothing is sent at all.
    const enviado = vi.fn(feito);
    await expect(enviando(enviado)).rejects.toThrow(RetryableError);
    expect(enviado).not.toHaveBeenCalled();
    diz(emVigor);
    expect(await enviando(feito)).toBe('feito');
    const lento = quemEnvia();
    await expect(lento.durante(anunciada, emVigor)).rejects.toThrow(RetryableError);
    expect(await lento.enviando(feito)).toBe('feito');
  });

  test('all there may be records under: the one they have, and those by which who did not hear of the change sends', () => {
    expect(nomes(lido()).todos(OUTRA)).toEqual([antes(OUTRA)]);
    expect(nomes(lido(), ANTERIOR, null).todos(OUTRA)).toEqual([antes(OUTRA)]);
    const { todos } = nomes(lido(...pedacos, emVigor));
    const daNova = pseudonimizador(NOVA);
    expect(todos(OUTRA)).toEqual([depois(OUTRA), antes(OUTRA), daNova(OUTRA)]);
    expect(todos(CONHECIDA)).toEqual([antes(CONHECIDA), daNova(CONHECIDA), depois(CONHECIDA)]);
  });

  test('what is said after a change is in force changes nothing', () => {
    const trocas = lido(...pedacos, emVigor, registroDaTroca(trocaNova(troca), 'anunciada'), emVigor);
    expect(nomes(trocas).registra(OUTRA)).toBe(depois(OUTRA));
    expect(trocas.emVigor?.limites).toEqual({ interacoes: [7], presencas: [9] });
  });

  test('with other keys nobody is named', () => {
    const trocas = lido(...pedacos, emVigor);
    const erradas: [string, string | null][] = [
      [ANTERIOR, null],
      [NOVA, null],
      [NOVA, 'outra'],
      [ANTERIOR, NOVA],
    ];
    for (const [atual, anterior] of erradas) {
      const errada = nomes(trocas, atual, anterior);
      expect(() => errada.confere()).toThrow(expect.objectContaining({ code: 'CHAVE_SUPERADA' }));
      expect(() => errada.procura(CONHECIDA)).toThrow(expect.objectContaining({ code: 'CHAVE_SUPERADA' }));
      expect(() => errada.registra(CONHECIDA)).toThrow(RetryableError);
    }
    expect(() => nomes(trocas).confere()).not.toThrow();
  });

  describe('after a second change', () => {
    const TERCEIRA = 'a-chave-de-depois-das-duas';
    const [DA_SEGUNDA, NOVISSIMA] = ['15350946056', '86288366757'];
    const terceira = pseudonimizadorSelado(TERCEIRA);
    const segunda = trocaNova({ por: 'bia', anterior: impressaoDaChave(NOVA), nova: impressaoDaChave(TERCEIRA) });
    const jaConhecidos = FiltroDeIds.para(10);
    for (const id of [antes(CONHECIDA), antes(DA_CAUDA), depois(DA_SEGUNDA)]) jaConhecidos.adiciona(id);
    const dela = [...pedacosDoFiltro(segunda.id, jaConhecidos)];
    const vigora = registroEmVigor(
      { ...segunda, conhecidos: jaConhecidos, limites: { interacoes: [17], presencas: [19] } },
      [depois(OUTRA)],
    );
    const umaSo = [...pedacos, emVigor, ...dela];
    const TODAS = `${ANTERIOR},${NOVA}`;

    test('each has the name of the key under which they were first known; all of them may be looked for', () => {
      const { registra, todos } = nomes(lido(...umaSo, vigora), TERCEIRA, TODAS);
      const daSegunda = [depois(DA_SEGUNDA), depois(OUTRA), terceira(NOVISSIMA)];
      expect([CONHECIDA, DA_CAUDA].map(registra)).toEqual([CONHECIDA, DA_CAUDA].map(antes));
      expect([DA_SEGUNDA, OUTRA, NOVISSIMA].map(registra)).toEqual(daSegunda);
      const [daNova, daTerceira] = [pseudonimizador(NOVA), pseudonimizador(TERCEIRA)];
      const todosOsOutros = [antes(OUTRA), daNova(OUTRA), daTerceira(OUTRA), terceira(OUTRA)];
      expect(todos(OUTRA)).toEqual([depois(OUTRA), ...todosOsOutros]);
    });

    test('prepared, it changes no name; announced, nobody is told of', () => {
      const preparados = nomes(lido(...umaSo), TERCEIRA, TODAS);
      expect([CONHECIDA, NOVISSIMA].map(preparados.registra)).toEqual([antes(CONHECIDA), depois(NOVISSIMA)]);
      expect(preparados.todos(NOVISSIMA)).toEqual([
        depois(NOVISSIMA),
        antes(NOVISSIMA),
        pseudonimizador(NOVA)(NOVISSIMA),
      ]);
      expect(preparados.troca).toEqual({ anterior: segunda.anterior, nova: segunda.nova });
      const anunciada = nomes(lido(...umaSo, registroDaTroca(segunda, 'anunciada')), TERCEIRA, TODAS);
      expect(() => anunciada.registra(NOVISSIMA)).toThrow(RetryableError);
      expect(anunciada.procura(NOVISSIMA)).toBe(depois(NOVISSIMA));
    });

    test('who has named somebody already goes on by the keys of now', () => {
      const trocas = lido(...umaSo);
      const seguido = nomes(trocas, TERCEIRA, TODAS);
      expect(seguido.registra(NOVISSIMA)).toBe(depois(NOVISSIMA));
      trocas.poeEmVigor({ ...segunda, conhecidos: jaConhecidos, limites: { interacoes: [17], presencas: [19] } });
      expect(seguido.registra(NOVISSIMA)).toBe(terceira(NOVISSIMA));
    });

    test('one more key than there were changes may be prepared; of any other keys it is said what is wrong', () => {
      const comDuas = lido(...umaSo, vigora);
      const dito = (trocas: TrocasDeChave, chave: string, anterior: string | null) => {
        try {
          nomes(trocas, chave, anterior).confere();
          return null;
        } catch (error) {
          expect(error).toMatchObject({ code: 'CHAVE_SUPERADA' });
          return (error as Error).message;
        }
      };
      for (const certa of [TODAS, `${ANTERIOR}, ${NOVA}`, `${ANTERIOR}\n${NOVA}\n`])
        expect(dito(comDuas, TERCEIRA, certa)).toBeNull();
      expect(dito(comDuas, 'uma-quarta', `${TODAS},${TERCEIRA}`)).toBeNull();
      expect(dito(lido(...umaSo), TERCEIRA, TODAS)).toBeNull();
      const erradas: [string, string | null, string][] = [
        [NOVA, ANTERIOR, 'CLIENT_ID_KEY precisa ser a chave nova'],
        ['uma-quarta', `${NOVA},${TERCEIRA}`, 'CLIENT_ID_KEY_ANTERIOR precisa ter todas as de antes'],
        [TERCEIRA, null, 'falta CLIENT_ID_KEY_ANTERIOR'],
        [TERCEIRA, NOVA, 'chaves que tem: 1; trocas feitas: 2'],
        [TERCEIRA, `${NOVA},${ANTERIOR}`, 'a 1ª chave de CLIENT_ID_KEY_ANTERIOR'],
        [TERCEIRA, `${ANTERIOR},outra`, 'a 2ª chave de CLIENT_ID_KEY_ANTERIOR'],
        ['uma-quarta', `${TODAS},outra`, 'a 3ª chave de CLIENT_ID_KEY_ANTERIOR'],
        ['uma-quinta', `${TODAS},${TERCEIRA},uma-quarta`, 'chaves que tem: 4; trocas feitas: 2'],
      ];
      for (const [chave, anterior, porque] of erradas) expect(dito(comDuas, chave, anterior)).toContain(porque);
    });

    test('a key of before with commas in it is one, where it was the first in use', () => {
      const COM = 'uma,chave,com,virgulas';
      const uma = trocaNova({ por: 'ana', anterior: impressaoDaChave(COM), nova: impressaoDaChave(NOVA) });
      const dela1 = [...pedacosDoFiltro(uma.id, conhecidos)];
      const feita = registroEmVigor({ ...uma, conhecidos, limites: { interacoes: [7], presencas: [9] } }, []);
      expect(nomes(lido(), NOVA, COM).impressao).toBe(impressaoDaChave(COM));
      expect(nomes(lido(...dela1, feita), NOVA, COM).registra(OUTRA)).toBe(depois(OUTRA));
      expect(nomes(lido(...dela1, feita), TERCEIRA, `${COM}\n${NOVA}`).registra(OUTRA)).toBe(depois(OUTRA));
    });
  });

  test('keys of several changes are another installation’s where none was made', () => {
    const deFora = nomes(lido(), 'uma-terceira', `${ANTERIOR},${NOVA}`);
    expect(() => deFora.confere()).toThrow(expect.objectContaining({ code: 'CHAVE_DIVERGENTE' }));
    expect(() => deFora.procura(OUTRA)).toThrow(expect.objectContaining({ code: 'CHAVE_DIVERGENTE' }));
  });

  test('before a change nobody is named by a key that is not the one in use', () => {
    const emUso = registroDaChaveEmUso(impressaoDaChave(ANTERIOR));
    for (const certa of [nomes(lido(emUso), ANTERIOR, null), nomes(lido(emUso))]) {
      expect(certa.registra(OUTRA)).toBe(antes(OUTRA));
    }
    const codigo = expect.objectContaining({ code: 'CHAVE_DIVERGENTE' });
    for (const errada of [nomes(lido(emUso), NOVA, null), nomes(lido(emUso), ANTERIOR, NOVA)]) {
      expect(() => errada.confere()).toThrow(codigo);
      expect(() => errada.procura(OUTRA)).toThrow(codigo);
      expect(() => errada.todos(OUTRA)).toThrow(codigo);
      expect(() => errada.registra(OUTRA)).toThrow(RetryableError);
    }
    // Once one is in force, what was in use before it says nothing.
    expect(nomes(lido(emUso, ...pedacos, emVigor, emUso)).registra(OUTRA)).toBe(depois(OUTRA));
  });

  test('a filter that is not as it was published is none', () => {
    expect(() => lido(...pedacos.slice(1), emVigor)).toThrow(expect.objectContaining({ code: 'TROCA_ILEGIVEL' }));
    const nada = { ...emVigor, value: Buffer.from('{}') };
    expect(() => lido(nada)).toThrow(expect.objectContaining({ code: 'TROCA_ILEGIVEL' }));
  });
});

describe('who follows changes', () => {
  afterEach(() => vi.useRealTimers());

  /** @param responde whether the reading comes to where the topic ends, by now */
  async function seguindo(responde: () => boolean) {
    vi.useFakeTimers();
    const caughtUp = async (): Promise<void> => {
      if (!responde()) throw new RetryableError('a leitura está atrasada');
    };
    const kafka = { follow: async () => ({ caughtUp, stop: async () => {} }) };
    const chaves = { clientIdKey: ANTERIOR, clientIdKeyAnterior: null };
    return followNomes(kafka as never, chaves, () => Date.now());
  }

  test('names nobody new once it is not known of late whether there is one, and does again when it is', async () => {
    let responde = true;
    const { nomes: seguidos, stop } = await seguindo(() => responde);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(seguidos.registra(OUTRA)).toBe(antes(OUTRA));
    responde = false;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(seguidos.registra(OUTRA)).toBe(antes(OUTRA));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(() => seguidos.registra(OUTRA)).toThrow(RetryableError);
    // Who is looked for is found as ever.
    expect(seguidos.procura(OUTRA)).toBe(antes(OUTRA));
    responde = true;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seguidos.registra(OUTRA)).toBe(antes(OUTRA));
    await stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
