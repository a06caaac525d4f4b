import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { ERROS_HTTP } from '#platform/http/erros.ts';
import { EXTENSOES, PREFIXO_DE_EXTENSAO, PROGRESSO, SESSAO } from '#platform/http/rotas-xapi.ts';
import { doStatement, mapeia, type Origem } from './mapa.ts';
import { CMI5, CPF, MOODLE, porCpf } from './statements-fixture.ts';

const pseudonimo = pseudonimizador('uma chave qualquer');
const origem: Origem = { source: 'lms', unidade: 'SP', agora: Date.parse('2026-05-01T12:00:00Z'), pseudonimo };

/** The interaction of a statement that has one, read as the door reads it. */
function interacao(statement: unknown, de: Partial<Origem> = {}) {
  const mapeado = mapeia(statement, { ...origem, ...de });
  if (!mapeado.ok) throw new Error(`${mapeado.motivo}: ${mapeado.detalhe}`);
  const lido = leEvento(mapeado.evento, pseudonimo);
  if (!lido.ok) throw new Error(JSON.stringify(lido.erros));
  return lido.interacao;
}

describe('what is mapped', () => {
  it('cmi5: the moment, with enrolment, session, unit and offer', () => {
    expect(interacao(CMI5.inicio)).toMatchObject({
      source: 'lms',
      id: '817cbcbd-c553-4ff2-ae5f-cd9858d25fc1',
      tipoInteracao: 'momento-digital',
      momento: 'inicio',
      time: Date.parse('2026-03-02T13:15:27.883Z'),
      tipoSolucao: 'curso-autoinstrucional',
      solucaoId: 'https://lms.exemplo.br/cmi5/au/4756b422',
      disponibilizacaoId: 'CA-42-2026',
      matriculaId: 'ff76a00e-5b3f-4bfc-ba3d-6f4365f96753',
      sessaoId: '2d5437c4-7ca2-4c05-a5b9-22e9127e180a',
      unidade: 'MG',
      canal: 'ead',
      cliente: { pf: pseudonimo(CPF), pj: null },
    });
  });

  it.each([
    ['completed', CMI5.conclusao, 'momento-digital', '100'],
    ['abandoned', CMI5.abandono, 'abandono', null],
    ['progressed 25', CMI5.progresso(25), 'momento-digital', '25'],
    ['progressed 50', CMI5.progresso(50), 'momento-digital', '50'],
    ['progressed 75', CMI5.progresso(75), 'momento-digital', '75'],
    ['progressed 49, past 25', CMI5.progresso(49), 'momento-digital', '25'],
    ['progressed 100, which is not completed', CMI5.progresso(100), 'momento-digital', '75'],
    ["Moodle's completion", MOODLE.conclusao, 'momento-digital', '100'],
    ["Moodle's completion, older verb", MOODLE.conclusaoComVerboAntigo, 'momento-digital', '100'],
  ])('%s', (_nome, statement, tipoInteracao, momento) => {
    expect(interacao(statement)).toMatchObject({ tipoInteracao, momento, cliente: { pf: pseudonimo(CPF) } });
  });

  it("abandono has none of a moment's fields", () => {
    expect(interacao(CMI5.abandono)).toMatchObject({
      matriculaId: null,
      sessaoId: null,
      solucaoId: expect.any(String),
    });
  });

  it("Moodle: the course is the solution, the unit is the source's", () => {
    expect(interacao(MOODLE.conclusao)).toMatchObject({
      solucaoId: 'https://ead.exemplo.br/course/view.php?id=42',
      unidade: 'SP',
      matriculaId: null,
    });
  });

  it('extensions go before what would stand without them', () => {
    const ditas = Object.fromEntries(
      EXTENSOES.map((e) => [PREFIXO_DE_EXTENSAO + e, e === 'unidade' ? 'RJ' : `meu ${e}`]),
    );
    const statement = { ...CMI5.inicio, context: { ...CMI5.inicio.context, extensions: ditas } };
    expect(interacao(statement)).toMatchObject({
      unidade: 'RJ',
      canal: 'meu canal',
      solucaoId: 'meu solucaoId',
      disponibilizacaoId: 'meu disponibilizacaoId',
      matriculaId: 'meu matriculaId',
    });
  });

  it('without a timestamp the time is now', () => {
    const { timestamp: _, ...statement } = CMI5.inicio;
    expect(interacao(statement).time).toBe(origem.agora);
  });
});

describe('what is not', () => {
  it.each([
    ['a verb of another meaning', MOODLE.visita, 'VERBO_NAO_MAPEADO', 'viewed'],
    ['passed', CMI5.aprovacao, 'VERBO_NAO_MAPEADO', 'passed'],
    ['completed taken back', MOODLE.conclusaoDesfeita, 'VERBO_NAO_MAPEADO', 'completion'],
    ['voided', CMI5.anulacao, 'VERBO_NAO_MAPEADO', 'voided'],
    ["a name of every object's", { ...CMI5.inicio, verb: { id: 'constructor' } }, 'VERBO_NAO_MAPEADO', 'constructor'],
    ['progress under 25', CMI5.progresso(24), 'PROGRESSO_NAO_MAPEADO', '25'],
    ['progress over 100', CMI5.progresso(101), 'PROGRESSO_NAO_MAPEADO', '100'],
    ['progress that is text', CMI5.progresso('50'), 'PROGRESSO_NAO_MAPEADO', PROGRESSO],
    ['no progress', CMI5.progresso(undefined), 'PROGRESSO_NAO_MAPEADO', PROGRESSO],
    ['an object that is a person', { ...CMI5.inicio, object: { objectType: 'Agent' } }, 'OBJETO_NAO_MAPEADO', 'object'],
    ['no object id', { ...CMI5.inicio, object: {} }, 'ESQUEMA_INVALIDO', 'object.id'],
    ['a numeric user', MOODLE.usuarioNumerico, 'ATOR_SEM_CPF', 'https://sebrae.com.br/cpf'],
    ['a user by e-mail', MOODLE.usuarioPorEmail, 'ATOR_SEM_CPF', 'e-mail'],
    ['a group', CMI5.grupo, 'ATOR_SEM_CPF', 'grupo'],
    [
      'a group by the account of a person',
      { ...CMI5.inicio, actor: { objectType: 'Group', ...porCpf() } },
      'ATOR_SEM_CPF',
      'grupo',
    ],
    ['an account name that is a number', conta(Number(CPF)), 'ESQUEMA_INVALIDO', 'actor.account.name'],
    ['an id that is no UUID', { ...CMI5.inicio, id: '7' }, 'ESQUEMA_INVALIDO', 'id'],
    ['an unknown extension of ours', comExtensao('unidadde', 'SP'), 'ESQUEMA_INVALIDO', 'unidadde'],
    ['an extension that is no text', comExtensao('unidade', ['SP']), 'ESQUEMA_INVALIDO', 'unidade'],
    ['nothing', null, 'ESQUEMA_INVALIDO', ''],
  ])('%s', (_nome, statement, motivo, citado) => {
    const mapeado = mapeia(statement, origem);
    expect(mapeado).toMatchObject({ ok: false, motivo, detalhe: expect.stringContaining(citado) });
    expect(JSON.stringify(mapeado)).not.toMatch(/529\.?982/);
  });

  it("no unit, neither the statement's nor the source's", () => {
    const detalhe = expect.stringContaining('https://sebrae.com.br/xapi/unidade');
    const mapeado = mapeia(MOODLE.conclusao, { ...origem, unidade: undefined });
    expect(mapeado).toMatchObject({ ok: false, motivo: 'ESQUEMA_INVALIDO', detalhe });
  });

  it('says its id, where it has one', () => {
    expect(mapeia(CMI5.aprovacao, origem).id).toBe(CMI5.aprovacao.id);
    expect(mapeia({ ...CMI5.inicio, actor: 7 }, origem).id).toBe(CMI5.inicio.id);
    expect(mapeia(MOODLE.visita, origem).id).toBeNull();
  });

  it("a CPF in a verb's id is not said again", () => {
    const mapeado = mapeia({ ...CMI5.inicio, verb: { id: `https://x.br/${CPF}` } }, origem);
    expect(mapeado).toMatchObject({ motivo: 'VERBO_NAO_MAPEADO', detalhe: expect.not.stringContaining(CPF) });
  });
});

function conta(name: unknown) {
  return { ...CMI5.inicio, actor: { account: { homePage: 'https://sebrae.com.br/cpf', name } } };
}

function comExtensao(nome: string, valor: unknown) {
  return { ...MOODLE.conclusao, context: { extensions: { [PREFIXO_DE_EXTENSAO + nome]: valor } } };
}

describe('the id of a statement without one', () => {
  const idDe = (statement: object, de: Partial<Origem> = {}) => {
    const { id } = mapeia(statement, { ...origem, ...de });
    return id;
  };

  it('is a UUID, the same whenever the same is said', () => {
    const id = idDe(MOODLE.conclusao);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(idDe(structuredClone(MOODLE.conclusao), { agora: 0 })).toBe(id);
    // A plugin's new version, or a name put right, is no other interaction; nor is the CPF's punctuation.
    expect(idDe({ ...MOODLE.conclusao, actor: { name: 'Maria S.', ...porCpf() }, version: '1.0.0' })).toBe(id);
    const { timestamp: _, ...semHora } = MOODLE.conclusao;
    expect(idDe(semHora, { agora: 1 })).toBe(idDe(semHora, { agora: 2 }));
  });

  it('is another where something else is said', () => {
    const outros = [
      MOODLE.conclusao,
      { ...MOODLE.conclusao, actor: porCpf('11144477735') },
      { ...MOODLE.conclusao, timestamp: '2026-03-02T10:15:01-03:00' },
      { ...MOODLE.conclusao, object: { id: 'https://ead.exemplo.br/course/view.php?id=43' } },
      { ...MOODLE.conclusao, verb: CMI5.inicio.verb },
      { ...MOODLE.conclusao, verb: CMI5.abandono.verb },
      { ...MOODLE.conclusao, context: { registration: CMI5.inicio.context.registration } },
      comExtensao('disponibilizacaoId', 'X'),
    ].map((s) => idDe(s));
    expect(new Set(outros).size).toBe(outros.length);
  });

  it('does not come of the CPF in the clear', () => {
    expect(idDe(MOODLE.conclusao, { pseudonimo: pseudonimizador('outra chave') })).not.toBe(idDe(MOODLE.conclusao));
  });
});

describe('any JSON', () => {
  const qualquer = fc.jsonValue({ maxDepth: 4 });
  const ou = <T>(certo: fc.Arbitrary<T>) => fc.oneof({ weight: 15, arbitrary: certo }, qualquer);
  const verbos = [CMI5.inicio, CMI5.abandono, CMI5.conclusao, CMI5.aprovacao, CMI5.progresso(0)].map((s) => s.verb.id);
  const extensoes = fc.dictionary(
    fc.constantFrom(...EXTENSOES.map((e) => PREFIXO_DE_EXTENSAO + e), `${PREFIXO_DE_EXTENSAO}x`, SESSAO, '__proto__'),
    ou(fc.constantFrom('SP', 'x', '')),
  );
  /** Nearly a statement: every part right, or anything at all. */
  const quase = fc.record(
    {
      id: ou(fc.uuid()),
      actor: ou(fc.constantFrom(...[CMI5.inicio, MOODLE.usuarioNumerico, CMI5.grupo].map((s) => s.actor as object))),
      verb: ou(fc.record({ id: ou(fc.constantFrom(...verbos)) })),
      object: ou(fc.record({ id: ou(fc.webUrl()), objectType: ou(fc.constant('Activity')) })),
      result: ou(fc.record({ extensions: ou(fc.record({ [PROGRESSO]: ou(fc.integer({ min: -10, max: 110 })) })) })),
      context: ou(fc.record({ registration: ou(fc.uuid()), extensions: ou(extensoes) })),
      timestamp: ou(fc.constant('2026-03-02T10:15:00Z')),
    },
    { requiredKeys: [] },
  );

  it('is mapped or refused with a known reason, never thrown at, and twice the same', () => {
    let mapeados = 0;
    const corpos = fc.oneof({ weight: 9, arbitrary: quase }, qualquer);
    const propriedade = fc.property(corpos, (corpo) => {
      const mapeado = mapeia(corpo, origem);
      expect(mapeia(corpo, origem)).toEqual(mapeado);
      if (!mapeado.ok) {
        expect(Object.keys(ERROS_HTTP)).toContain(mapeado.motivo);
        expect(mapeado.detalhe).not.toBe('');
        return;
      }
      mapeados += 1;
      expect(mapeado.id).toMatch(/^[0-9a-f-]{36}$/);
      const lido = leEvento(mapeado.evento, pseudonimo);
      if (lido.ok) expect(lido.desconhecidos).toEqual([]);
      else expect(doStatement(lido.erros.map((e) => `${e.campo}: ${e.mensagem}`).join('; '))).not.toContain('data.');
    });
    fc.assert(propriedade, { numRuns: 3_000 });
    expect(mapeados).toBeGreaterThan(50);
  });

  it('nesting without end is no trouble', () => {
    const fundo = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown;
    for (const onde of ['id', 'actor', 'verb', 'object', 'result', 'context', 'timestamp', 'attachments']) {
      mapeia({ ...CMI5.inicio, [onde]: fundo }, origem);
    }
    expect(mapeia({ ...CMI5.inicio, context: { extensions: { [SESSAO]: fundo } } }, origem).ok).toBe(false);
    expect(mapeia({ ...CMI5.inicio, result: { extensions: { outra: fundo } } }, origem).ok).toBe(true);
  });
});
