import type { Interacao } from '#domain/interacao.ts';
import type { Portfolio } from '#domain/portfolio.ts';

/**
 * Counting written another way, to hold the domain against: no state, no keys by type, no revisions; everything is
 * looked at at once. It knows only the kinds that `geradores.ts` makes, and the rules of those in code.
 */
interface Entrada {
  cliente: string | null;
  chave: string;
  ordem: string;
  ano: string;
  tipo: string;
  vezes: number;
  comPj: boolean;
  repetePf: boolean;
}

type Conta = { clientes: number; atendimentos: number };

const anoLocal = (t: number): string => new Date(t - 3 * 3_600_000).toISOString().slice(0, 4);
const diaLocal = (t: number): string => new Date(t - 3 * 3_600_000).toISOString().slice(0, 10);
const ordemDe = (i: Interacao): string => `${String(i.time).padStart(15, '0')} ${i.source} ${i.id}`;
const eu = (i: Interacao): string => `${i.source} ${i.id}`;

function conta(i: Interacao, duracaoMinimaMin: number): boolean {
  switch (i.tipoSolucao) {
    case 'curso-autoinstrucional':
      return i.momento === 'inicio';
    case 'jogo':
      return i.cliente?.pf != null;
    case 'palestra':
      return (i.presencas ?? 0) > 0;
    case 'consultoria':
      return (i.duracaoMin ?? 0) >= duracaoMinimaMin;
    default:
      return i.tipoSolucao !== null;
  }
}

function chaveDe(i: Interacao): string {
  switch (i.tipoSolucao) {
    case 'curso-autoinstrucional':
      return `ead ${i.matriculaId}`;
    case 'jogo':
      return i.sessaoId === null ? eu(i) : `jogo ${i.sessaoId}`;
    case 'orientacao-tecnica':
      return `conteudo ${diaLocal(i.time)}`;
    case 'consultoria':
      return `consultoria ${i.disponibilizacaoId ?? i.protocolo ?? eu(i)}`;
    default:
      return i.cliente?.naoIdentificado ? eu(i) : `oferta ${i.disponibilizacaoId}`;
  }
}

function entradasDe(i: Interacao, chave: string, ordem: string): Entrada[] {
  const { pf = null, pj = null, naoIdentificado = null } = i.cliente ?? {};
  const comum = { chave, ordem, ano: anoLocal(i.time), tipo: i.tipoSolucao ?? '', comPj: pj !== null };
  const soPf = ['jogo', 'aplicacao-material-didatico'].includes(comum.tipo);
  if (naoIdentificado) return [{ ...comum, cliente: null, vezes: naoIdentificado.quantidade, repetePf: false }];
  const daPf = pf === null ? [] : [{ ...comum, cliente: pf, vezes: 1, repetePf: false }];
  const daPj = pj === null || soPf ? [] : [{ ...comum, cliente: pj.id, vezes: 1, repetePf: pf !== null }];
  return [...daPf, ...daPj];
}

function avulsas(eventos: readonly Interacao[], duracaoMinimaMin: number): Entrada[] {
  const desfeitos = new Set<string>();
  for (const e of eventos) {
    if (e.estornada === null || e.disponibilizacaoId !== null) continue;
    const nomes = [e.cliente?.pf, e.cliente?.pj?.id].filter((n) => n != null);
    for (const n of nomes.length > 0 ? nomes : [null]) desfeitos.add(`${n} ${e.estornada.source} ${e.estornada.id}`);
  }
  return eventos
    .filter(
      (i) =>
        i.tipoInteracao !== 'check-in' &&
        i.tipoInteracao !== 'consolidacao-disponibilizacao' &&
        conta(i, duracaoMinimaMin),
    )
    .flatMap((i) => entradasDe(i, chaveDe(i), ordemDe(i)).filter((x) => !desfeitos.has(`${x.cliente} ${eu(i)}`)));
}

const DIA = 86_400_000;

/** A participant for one PJ, or none, as a closing tells of it. */
interface Relato {
  fim: Interacao;
  pj: NonNullable<Interacao['cliente']>['pj'];
  daLista: boolean;
  conta: boolean;
}

/**
 * Whoever takes part in an offer, looking at everything that was said: by the earliest that counts them; and beside it,
 * of a PF that was there for other PJs too, by the earliest that counts it for each.
 */
function participacoes(eventos: readonly Interacao[], portfolio: Portfolio): Entrada[] {
  const desfeitos = eventos.flatMap((e) => (e.estornada === null ? [] : [`${e.estornada.source} ${e.estornada.id}`]));
  const vivos = eventos.filter((e) => !desfeitos.includes(eu(e)));
  const cronologia = (a: Interacao, b: Interacao): number => (ordemDe(a) < ordemDe(b) ? -1 : 1);
  const checkIns = vivos.filter((e) => e.tipoInteracao === 'check-in').sort(cronologia);
  const fins = vivos.filter((e) => e.tipoInteracao === 'consolidacao-disponibilizacao').sort(cronologia);
  const nomeDe = (c: Interacao['cliente']): string => c?.pf ?? c?.pj?.id ?? 'ni';
  const nomes = new Set([
    ...checkIns.map((c) => nomeDe(c.cliente)),
    ...fins.flatMap((f) => (f.participantes ?? []).map((p) => nomeDe(p.cliente))),
  ]);
  return [...nomes].flatMap((nome) => {
    const relatos = fins.flatMap((fim): Relato[] => {
      const meus = checkIns.filter((c) => nomeDe(c.cliente) === nome && c.time <= fim.time + 30 * DIA);
      const linhas = (fim.participantes ?? []).filter((p) => nomeDe(p.cliente) === nome);
      const etapas = new Set(meus.map((c) => c.etapa)).size || 1;
      const dasEtapas = fim.etapas ?? portfolio.disponibilizacao('OFI-1-A')?.etapas ?? 1;
      const doCheckIn = meus.find((c) => c.cliente?.pj)?.cliente?.pj ?? null;
      if (linhas.length === 0 && meus.length === 0) return [];
      if (linhas.length === 0) return [{ fim, pj: doCheckIn, daLista: false, conta: etapas / dasEtapas >= 0.6 }];
      return linhas.map(({ cliente, frequencia, presencas }) => {
        const alcanca = (frequencia ?? (presencas ?? etapas) / dasEtapas) >= 0.6;
        return { fim, pj: cliente.pj ?? doCheckIn, daLista: true, conta: alcanca && !cliente.naoIdentificado };
      });
    });
    const propria = relatos.find((r) => r.conta);
    const nomeados = relatos.some((r) => r.daLista) ? relatos.filter((r) => r.daLista) : relatos;
    const pjs = new Set(nomeados.flatMap((r) => r.pj?.id ?? []));
    if (propria?.pj) pjs.delete(propria.pj.id);
    const aoLado = [...pjs].map((pj) => nomeados.find((r) => r.conta && r.pj?.id === pj));
    return [propria, ...aoLado].flatMap((r, n) => {
      if (r === undefined) return [];
      const cliente = { pf: nome.startsWith('pf:') ? nome : null, pj: r.pj, naoIdentificado: null };
      // The id of what is derived names the participant, not the closing: at the same time, a PF's comes before a PJ's.
      const id = n === 0 ? `${nome}/` : `${nome}+${r.pj?.id}/`;
      const derivada = { ...r.fim, source: 'atendido-consolidador', id, cliente };
      return entradasDe(derivada, 'oferta OFI-1-A', ordemDe(derivada));
    });
  });
}

/**
 * clientes-atendidos, pequenos-negocios-atendidos and potenciais-empreendedores-atendidos, by year.
 * @param com.duracaoMinimaMin of a consultoria: the rule that whoever tries a change of the rulebook changes first
 */
export function oraculo(
  eventos: readonly Interacao[],
  { portfolio, duracaoMinimaMin }: { portfolio: Portfolio; duracaoMinimaMin: number },
): Record<string, Record<string, Conta>> {
  const porChave = new Map<string, Entrada>();
  for (const e of [...avulsas(eventos, duracaoMinimaMin), ...participacoes(eventos, portfolio)].sort((a, b) =>
    a.ordem < b.ordem ? -1 : 1,
  )) {
    const nome = `${e.cliente} ${e.chave}`;
    if (!porChave.has(nome)) porChave.set(nome, e);
  }
  const entregas = [...porChave.values()];
  const ehPj = (e: Entrada): boolean => e.cliente?.startsWith('pj:') === true;
  const soma = (lista: Entrada[], semRepetir: boolean): Record<string, Conta> => {
    const anos: Record<string, Conta> = {};
    for (const ano of new Set(lista.map((e) => e.ano))) {
      const doAno = lista.filter((e) => e.ano === ano);
      anos[ano] = {
        clientes: new Set(doAno.flatMap((e) => e.cliente ?? [])).size,
        atendimentos: doAno.reduce((n, e) => n + (semRepetir && e.repetePf ? 0 : e.vezes), 0),
      };
    }
    return anos;
  };
  return {
    'clientes-atendidos': soma(entregas, true),
    'pequenos-negocios-atendidos': soma(entregas.filter(ehPj), false),
    'potenciais-empreendedores-atendidos': soma(
      entregas.filter((e) => !ehPj(e) && !e.comPj),
      false,
    ),
  };
}
