import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { decide } from './decidir.ts';
import { encerramentoDe } from './esquecimento.ts';
import { INTERACAO_VAZIA, TIPOS_INTERACAO } from './interacao.ts';
import { PortfolioEmMemoria } from './portfolio-esquema.ts';
import { parseRulebook, type Rulebook, Rulebooks } from './rulebook.ts';

const YAML = readFileSync(join(import.meta.dirname, '..', 'rulebook', '2024-1.yaml'), 'utf8');

function rulebookDe(yaml: string): Rulebook {
  const lido = parseRulebook(parse(yaml));
  if ('erros' in lido) throw new Error(JSON.stringify(lido.erros));
  return lido.rulebook;
}

const V2024 = rulebookDe(YAML);

/** The next version, made as docs/rulebook.md says: a copy of the file, with what changes. */
const V2027 = rulebookDe(
  YAML.replace('versao: "2024-1"', 'versao: "2027-1"')
    .replace('de: 2024-01-01', 'de: 2027-01-01')
    .replaceAll('duracaoMinimaMin: 60', 'duracaoMinimaMin: 90'),
);

const PF = ['pf'];
const PF_PJ = ['pf', 'pj'];
const PD = ['presencial', 'a-distancia'];
const P = ['presencial'];
const D = ['a-distancia'];
const C = ['coletiva'];
const I = ['individual'];
const A = ['automatizada'];
const SIM = ['assistida'];
const NAO = ['nao-assistida'];
const AMBAS = ['assistida', 'nao-assistida'];
const CONSOLIDADA = ['consolidacao-participacao'];
const MOMENTO = ['momento-digital'];
const ATENDIMENTO = ['atendimento'];

// The table of the rules, line by line: clause, code, value proposition, public, credits, modalities, structure,
// assisted, offer, kinds that count.
const TABELA = [
  ['1.1', 'palestra', 'evento', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  ['1.2', 'seminario', 'evento', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  ['1.3', 'missao-caravana', 'evento', 'pf', PF_PJ, P, C, SIM, 'sim', CONSOLIDADA],
  ['1.4', 'encontro-mediado', 'evento', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  [
    ...['2.1', 'orientacao-tecnica', 'conhecimento', 'pf', PF_PJ, PD, I, AMBAS, 'nao'],
    ['atendimento', 'acesso-conteudo', 'envio-conteudo'],
  ],
  ['2.2', 'informacao', 'conhecimento', 'pf', [], PD, [...I, ...A], AMBAS, 'nao', []],
  ['3.1', 'curso', 'capacitacao', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  ['3.2', 'oficina', 'capacitacao', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  ['3.3', 'curso-autoinstrucional', 'capacitacao', 'pf', PF_PJ, D, A, NAO, 'sim', MOMENTO],
  ['3.4', 'jogo', 'capacitacao', 'pf', PF, D, A, NAO, 'sim', MOMENTO],
  ['3.5', 'aplicacao-material-didatico', 'capacitacao', 'pf', PF, PD, C, SIM, 'sim', CONSOLIDADA],
  ['4.1', 'consultoria', 'intervencao', 'pf', PF_PJ, PD, I, SIM, 'opcional', [...ATENDIMENTO, ...CONSOLIDADA]],
  ['4.2', 'assessoramento', 'intervencao', 'pf', PF_PJ, PD, I, SIM, 'nao', ATENDIMENTO],
  ['5.1', 'feira', 'oportunidade-negocios', 'pj', ['pj'], PD, C, SIM, 'sim', CONSOLIDADA],
  ['5.2', 'vitrine', 'oportunidade-negocios', 'pj', ['pj'], D, A, NAO, 'sim', MOMENTO],
  ['5.3', 'rodada-negocios', 'oportunidade-negocios', 'pf', PF_PJ, PD, C, SIM, 'sim', CONSOLIDADA],
  ['6.1', 'ferramenta', 'acesso-servicos', 'pf', PF_PJ, D, A, NAO, 'sim', MOMENTO],
  ['6.2', 'formalizacao', 'acesso-servicos', 'pf', PF, PD, I, SIM, 'nao', ATENDIMENTO],
  ['6.3', 'regularizacao', 'acesso-servicos', 'pj', ['pj'], PD, I, SIM, 'nao', ATENDIMENTO],
  ['6.4', 'garantia-fampe', 'acesso-servicos', 'pj', ['pj'], P, I, SIM, 'sim', ['contratacao']],
] as const;

describe('o rulebook 2024-1 é a tabela das regras', () => {
  it('tem os vinte tipos, na ordem do documento', () => {
    expect(Object.keys(V2024.tiposSolucao)).toEqual(TABELA.map((l) => l[1]));
  });

  it.each(TABELA.map((l) => [`${l[0]} ${l[1]}`, l] as const))('%s', (_, linha) => {
    const t = V2024.tiposSolucao[String(linha[1])];
    expect([
      ...[t?.clausula, linha[1], t?.propostaValor, t?.publico, t?.creditos, t?.modalidades, t?.estruturas],
      ...[t?.intermediacao, t?.disponibilizacao, Object.keys(t?.contabiliza ?? {})],
    ]).toEqual([...linha]);
  });

  it('diz a métrica de toda interação, e a regra geral das que a têm', () => {
    const semRegraGeral = TIPOS_INTERACAO.filter((i) => V2024.interacoes[i].regraGeral === undefined);
    expect(semRegraGeral).toEqual([
      'momento-digital',
      'atendimento',
      'consolidacao-participacao',
      'acesso-conteudo',
      'envio-conteudo',
    ]);
    expect(Object.keys(V2024.interacoes).sort()).toEqual([...TIPOS_INTERACAO].sort());
  });

  it('as interpretações estão todas em docs/rulebook.md, e todo campo do arquivo também', () => {
    const pagina = readFileSync(join(import.meta.dirname, '..', 'docs', 'rulebook.md'), 'utf8');
    const linhas = V2024.interpretacoes.map((i) => `| ${i.sobre} | ${i.escolha} | \`${i.onde}\` |`);
    expect(linhas.filter((l) => !pagina.includes(l))).toEqual([]);
    const campos = Object.values(V2024.tiposSolucao).flatMap((t) => [
      ...Object.keys(t),
      ...Object.values(t.contabiliza ?? {}).flatMap((c) => Object.keys(c)),
    ]);
    const doArquivo = new Set([
      ...Object.keys(V2024),
      ...campos,
      ...Object.values(V2024.interacoes).flatMap(Object.keys),
    ]);
    expect([...doArquivo].filter((c) => !pagina.includes(`\`${c}\``))).toEqual([]);
  });

  it('as interpretações apontam para o que existe', () => {
    for (const { onde } of V2024.interpretacoes) {
      const achados = onde
        .split('.')
        .reduce<unknown[]>(
          (nos, parte) =>
            nos
              .flatMap((no) => (parte === '*' ? Object.values(no as object) : [(no as Record<string, unknown>)[parte]]))
              .filter((no) => no !== undefined && no !== null),
          [V2024],
        );
      expect([onde, achados.length > 0]).toEqual([onde, true]);
    }
  });
});

describe('um rulebook errado é recusado com todos os erros de uma vez', () => {
  const errosDe = (muda: (dados: Record<string, never>) => void): string[] => {
    const dados = parse(YAML) as Record<string, never>;
    muda(dados);
    const lido = parseRulebook(dados);
    return 'erros' in lido ? lido.erros.map((e) => e.campo) : [];
  };
  const poe = (dados: unknown, caminho: string, valor: unknown): void => {
    const partes = caminho.split('.');
    const ultima = partes.pop() ?? '';
    const alvo = partes.reduce((no, p) => (no as Record<string, unknown>)[p], dados) as Record<string, unknown>;
    alvo[ultima] = valor;
  };

  it('de forma', () => {
    const erros = errosDe((d) => {
      poe(d, 'versao', 1);
      poe(d, 'vigencia.de', 'ontem');
      poe(d, 'canais.agencia', 'fisica');
      poe(d, 'tiposSolucao.consultoria.contabiliza.atendimento.duracaoMinimaMin', 'uma hora');
      poe(d, 'tiposSolucao.palestra.modalidades', []);
      poe(d, 'interacoes.login.metrica', 'visita');
    });
    expect(erros.sort()).toEqual([
      'canais.agencia',
      'interacoes.login.metrica',
      'tiposSolucao.consultoria.contabiliza.atendimento.duracaoMinimaMin',
      'tiposSolucao.palestra.modalidades',
      'versao',
      'vigencia.de',
    ]);
  });

  it.each([
    ['um campo que não existe', 'tiposSolucao.curso.frequencia', 0.5, 'tiposSolucao.curso'],
    ['uma interação que não existe em aceita', 'tiposSolucao.jogo.aceita', ['chekin'], 'tiposSolucao.jogo.aceita.0'],
    [
      'uma interação aceita que não diz como conta',
      'tiposSolucao.jogo.aceita',
      ['atendimento'],
      'tiposSolucao.jogo.aceita.0',
    ],
    ['um tipo que nem conta nem deixa de contar', 'tiposSolucao.jogo.contabiliza', undefined, 'tiposSolucao.jogo'],
    ['um tipo que conta e não credita', 'tiposSolucao.jogo.creditos', [], 'tiposSolucao.jogo.creditos'],
    [
      'um indicador sobre um tipo que não existe',
      'indicadores.clientes-atendidos.excluiTipos',
      ['jogos'],
      'indicadores.clientes-atendidos.excluiTipos.0',
    ],
    ['uma vigência que acaba antes de começar', 'vigencia.ate', '2023-12-31', 'vigencia.ate'],
    [
      'um campo de chave que não existe',
      'tiposSolucao.formalizacao.contabiliza.atendimento.chave',
      [['cpf']],
      'tiposSolucao.formalizacao.contabiliza.atendimento.chave.0.0',
    ],
    ['uma interação sem métrica', 'interacoes.login', undefined, 'interacoes.login'],
  ])('de referência: %s', (_, caminho, valor, campo) => {
    expect(errosDe((d) => poe(d, caminho, valor))).toEqual([campo]);
  });

  it('o que não é um rulebook', () => {
    for (const dados of [null, 'texto', [], {}]) expect('erros' in parseRulebook(dados)).toBe(true);
  });
});

describe('a vigência', () => {
  const rulebooks = new Rulebooks([V2024, V2027]);
  const versaoEm = (instante: string): string => rulebooks.em(Date.parse(instante)).versao;

  it.each([
    ['2026-12-31T23:59:59.999-03:00', '2024-1'],
    ['2027-01-01T00:00:00-03:00', '2027-1'],
    ['2027-01-01T02:59:59.999Z', '2024-1'],
    ['2027-01-01T03:00:00Z', '2027-1'],
    ['2024-01-01T00:00:00-03:00', '2024-1'],
    ['2023-12-31T23:59:59-03:00', '2024-1'],
    ['1995-05-01T00:00:00-03:00', '2024-1'],
    ['2040-01-01T00:00:00-03:00', '2027-1'],
  ])('em %s vale a %s', (instante, versao) => expect(versaoEm(instante)).toBe(versao));

  it('não depende da ordem dos arquivos', () => {
    expect(new Rulebooks([V2027, V2024]).em(Date.parse('2027-06-01T00:00:00Z')).versao).toBe('2027-1');
    expect(rulebooks.todos().map((r) => r.versao)).toEqual(['2027-1', '2024-1']);
  });

  it.each([
    ['2026-06-30T23:59:59.999-03:00', '2024-1'],
    ['2026-07-01T00:00:00-03:00', 'outra'],
    ['2027-06-01T00:00:00-03:00', 'outra'],
    ['1995-05-01T00:00:00-03:00', '2024-1'],
  ])('com outra no lugar de todas a partir de um instante: em %s vale a %s', (instante, versao) => {
    const outra = { ...V2024, versao: 'outra' };
    const desde = Date.parse('2026-07-01T00:00:00-03:00');
    expect(rulebooks.aPartirDe({ desde, rulebook: outra }).em(Date.parse(instante)).versao).toBe(versao);
    const deAntes = rulebooks.aPartirDe({ desde: Date.parse('2001-01-01T00:00:00Z'), rulebook: outra });
    expect([deAntes.em(Date.parse(instante)).versao, deAntes.em(0).versao]).toEqual([
      instante < '2001' ? '2024-1' : 'outra',
      '2024-1',
    ]);
  });

  it('sem versão alguma não há o que decidir', () => {
    expect(() => new Rulebooks([])).toThrow('no rulebook version');
  });

  it('é a data da interação que escolhe: 75 minutos de consultoria contam até o fim de 2026', () => {
    const portfolio = new PortfolioEmMemoria();
    const nada = { frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null };
    portfolio.solucoes.set('CON-1', { id: 'CON-1', tipoSolucao: 'consultoria', nome: 'Consultoria', ...nada });
    const decisaoEm = (instante: string) => {
      const interacao = {
        ...INTERACAO_VAZIA,
        ...{ source: 'crm', id: 'x', tipoInteracao: 'atendimento', time: Date.parse(instante), unidade: 'SP' },
        ...{ tipoSolucao: 'consultoria', solucaoId: 'CON-1', canal: 'agencia', protocolo: 'P', duracaoMin: 75 },
        responsavel: { id: 'R', papel: 'consultor' },
        cliente: { pf: `pf:${'A'.repeat(22)}`, pj: null, naoIdentificado: null },
      };
      const rulebook = rulebooks.em(interacao.time);
      const { motivo, rulebook: versao } = decide({ interacao, rulebook, portfolio, registradaEm: interacao.time });
      return { motivo, versao };
    };
    expect(decisaoEm('2026-12-31T23:59:59-03:00')).toEqual({ motivo: 'INTERACAO_DE_ATENDIMENTO', versao: '2024-1' });
    expect(decisaoEm('2027-01-01T00:00:00-03:00')).toEqual({ motivo: 'DURACAO_ABAIXO_DA_MINIMA', versao: '2027-1' });
  });
});

it('no rule can have an event end what the ledger says of somebody', () => {
  const limites = { interacoes: [], presencas: [] };
  const ordem = { numero: 1, titular: 'pf:x', nome: 'pf:y', por: 'ana', em: 0, anunciado: false, desde: 0 };
  const { metrica } = encerramentoDe({ ...ordem, limites, fechamentos: [] });
  const forjado = YAML.replaceAll('metrica: jornada', `metrica: ${metrica}`);
  expect(forjado).not.toBe(YAML);
  expect(parseRulebook(parse(forjado))).toHaveProperty('erros');
});
