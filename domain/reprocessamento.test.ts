import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { INTERACAO_VAZIA, type Interacao } from './interacao.ts';
import { PortfolioEmMemoria } from './portfolio-esquema.ts';
import { Reprocessamento } from './reprocessamento.ts';
import { parseRulebook, type Rulebook, Rulebooks } from './rulebook.ts';

const YAML = readFileSync(join(import.meta.dirname, '..', 'rulebook', '2024-1.yaml'), 'utf8');

function rulebookDe(texto: string): Rulebook {
  const lido = parseRulebook(parse(texto));
  if ('erros' in lido) throw new Error(JSON.stringify(lido.erros));
  return lido.rulebook;
}

const EM_VIGOR = rulebookDe(YAML);
const NOVENTA = rulebookDe(
  YAML.replace('versao: "2024-1"', 'versao: "noventa"').replaceAll('duracaoMinimaMin: 60', 'duracaoMinimaMin: 90'),
);
const SEM_AGENCIA = rulebookDe(YAML.replace('  agencia: presencial\n', ''));

const portfolio = new PortfolioEmMemoria();
const nada = { frequenciaMinima: null, momentos: null, educacaoEmpreendedora: null };
portfolio.solucoes.set('CON', { id: 'CON', tipoSolucao: 'consultoria', nome: 'Consultoria', ...nada });
portfolio.solucoes.set('PAL', { id: 'PAL', tipoSolucao: 'palestra', nome: 'Palestra', ...nada });
const oferta = {
  etapas: 1,
  responsaveis: [{ id: 'R', papel: 'instrutor' }],
  patrocinado: null,
  janelaTardiaDias: null,
};
portfolio.disponibilizacoes.set('PAL-1', { id: 'PAL-1', solucaoId: 'PAL', ...oferta });

const pf = (nome: string) => ({ pf: `pf:${nome.padEnd(22, 'x')}`, pj: null, naoIdentificado: null });
let proximo = 0;

function consultoria(quem: string, instante: string, duracaoMin: number, unidade = 'SP'): Interacao {
  proximo += 1;
  return {
    ...INTERACAO_VAZIA,
    ...{
      source: 'crm',
      id: `c${proximo}`,
      tipoInteracao: 'atendimento',
      time: Date.parse(instante),
      unidade,
      duracaoMin,
    },
    ...{ tipoSolucao: 'consultoria', solucaoId: 'CON', canal: 'agencia', protocolo: `P${proximo}`, cliente: pf(quem) },
    responsavel: { id: 'R', papel: 'consultor' },
  };
}

function presenca(tipoInteracao: string, quem: string | null, instante: string, canal = 'local-evento'): Interacao {
  proximo += 1;
  return {
    ...INTERACAO_VAZIA,
    ...{ source: 'eventos', id: `p${proximo}`, tipoInteracao, time: Date.parse(instante), unidade: 'MG', canal },
    ...{
      tipoSolucao: 'palestra',
      solucaoId: 'PAL',
      disponibilizacaoId: 'PAL-1',
      cliente: quem === null ? null : pf(quem),
    },
  };
}

const DESDE = '2026-03-01T00:00:00-03:00';
const HISTORIA = [
  consultoria('antiga', '2026-02-28T23:59:59-03:00', 75),
  consultoria('curta', '2026-03-01T00:00:00-03:00', 75),
  consultoria('longa', '2026-03-02T10:00:00-03:00', 90),
  consultoria('duas', '2026-03-02T10:00:00-03:00', 75, 'MG'),
  consultoria('duas', '2026-03-03T10:00:00-03:00', 120, 'MG'),
  presenca('check-in', 'ouvinte', '2026-03-04T10:00:00-03:00'),
  presenca('consolidacao-disponibilizacao', null, '2026-03-04T12:00:00-03:00'),
];

function mudancas(rulebook: Rulebook, historia: readonly Interacao[] = HISTORIA, passes = 1) {
  const aPartir = { desde: Date.parse(DESDE), rulebook: { ...rulebook, versao: 'outra' } };
  const reprocessamento = new Reprocessamento(new Rulebooks([EM_VIGOR]), aPartir, portfolio, { passes });
  for (let passe = 0; passe < passes; passe += 1) {
    for (const interacao of historia) {
      reprocessamento.registra({ interacao, registradaEm: Date.parse('2026-06-01T00:00:00Z') });
    }
    reprocessamento.fechaPasse();
  }
  return reprocessamento.mudancas();
}

const doAno = (codigo: string, m: ReturnType<typeof mudancas>) => m.indicadores.filter((i) => i.codigo === codigo);

describe('o reprocessamento', () => {
  test('com as mesmas regras nada muda', () => {
    const vazias = { indicadores: [], motivos: [], tipos: [], unidades: [], clientes: [] };
    expect(mudancas(EM_VIGOR)).toEqual(vazias);
    expect(mudancas(NOVENTA, HISTORIA.slice(0, 1))).toEqual(vazias);
  });

  test('diz o que mudaria por indicador, motivo, tipo e unidade, só do que aconteceu desde o instante', () => {
    const m = mudancas(NOVENTA);
    expect(doAno('clientes-atendidos', m)).toEqual([
      {
        ...{ codigo: 'clientes-atendidos', periodo: '2026', unidade: '*' },
        ...{ clientes: { antes: 5, depois: 4 }, atendimentos: { antes: 6, depois: 4 } },
      },
      {
        ...{ codigo: 'clientes-atendidos', periodo: '2026', unidade: 'MG' },
        ...{ clientes: { antes: 2, depois: 2 }, atendimentos: { antes: 3, depois: 2 } },
      },
      {
        ...{ codigo: 'clientes-atendidos', periodo: '2026', unidade: 'SP' },
        ...{ clientes: { antes: 3, depois: 2 }, atendimentos: { antes: 3, depois: 2 } },
      },
    ]);
    expect(m.motivos).toEqual([
      { metrica: 'atendimento', motivo: 'INTERACAO_DE_ATENDIMENTO', antes: 5, depois: 3 },
      { metrica: 'jornada', motivo: 'DURACAO_ABAIXO_DA_MINIMA', antes: 0, depois: 2 },
    ]);
    expect(m.tipos).toEqual([{ tipoSolucao: 'consultoria', antes: 5, depois: 3 }]);
    expect(m.unidades).toEqual([
      { unidade: 'MG', antes: 3, depois: 2 },
      { unidade: 'SP', antes: 3, depois: 2 },
    ]);
    expect(m.clientes).toEqual([{ ano: '2026', passam: 0, deixam: 1 }]);
  });

  test('o que passaria a esperar em quarentena, e o que já não viria da consolidação', () => {
    const semPresenca = rulebookDe(YAML.replace('  local-evento: presencial\n', ''));
    const m = mudancas(semPresenca);
    expect(m.motivos).toEqual([
      { metrica: 'atendimento', motivo: 'CONSOLIDACAO_DE_PARTICIPACAO', antes: 1, depois: 0 },
      { metrica: 'jornada', motivo: 'CHECK_IN_AGUARDA_CONSOLIDACAO', antes: 1, depois: 0 },
      { metrica: 'jornada', motivo: 'DISPONIBILIZACAO_CONSOLIDADA', antes: 1, depois: 0 },
      { metrica: 'quarentena', motivo: 'CANAL_DESCONHECIDO', antes: 0, depois: 2 },
    ]);
    expect(m.clientes).toEqual([{ ano: '2026', passam: 0, deixam: 1 }]);
    expect(mudancas(SEM_AGENCIA).clientes).toEqual([{ ano: '2026', passam: 0, deixam: 3 }]);
  });

  test('quem passaria a atendido', () => {
    const trinta = rulebookDe(YAML.replaceAll('duracaoMinimaMin: 60', 'duracaoMinimaMin: 30'));
    const m = mudancas(trinta, [consultoria('breve', '2026-04-01T10:00:00-03:00', 30)]);
    expect(m.clientes).toEqual([{ ano: '2026', passam: 1, deixam: 0 }]);
    expect(m.tipos).toEqual([{ tipoSolucao: 'consultoria', antes: 0, depois: 1 }]);
  });

  test('em quantas passadas for, diz o mesmo', () => {
    for (const passes of [2, 3, 7]) expect(mudancas(NOVENTA, HISTORIA, passes)).toEqual(mudancas(NOVENTA));
  });
});
