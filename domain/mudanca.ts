import { comecoComum, type Portador, publicoDe } from './cliente.ts';
import { type ContadorDeIndicador, type Corte as Dimensao, lugares, nomeDoContador, pertence } from './indicadores.ts';
import { nivel } from './nivel.ts';
import { acumulaPrimeiros } from './primeiros.ts';
import type { Indicador, Rulebook, Rulebooks } from './rulebook.ts';
import { lembradoPorNumero, numeroDoContador, type Somas } from './somas.ts';
import { type Data, dataDe } from './tempo.ts';

type Publico = 'pf' | 'pj';

/** What the deliveries of one month, unit, type and modality are counted under, by indicator. */
interface Corte {
  codigo: string;
  indicador: Indicador;
  /** Counters of clients, in the order of {@link lugares}; that of the deliveries of each is the next one. */
  clientes: readonly number[];
}

type Por<T> = Map<string, T>;

/** By rulebook, month, unit, type, modality and {@link qual}. */
const cortes = lembradoPorNumero<Por<Por<Por<Por<Por<readonly Corte[]>>>>>>();

const COM_PJ: Readonly<Record<Publico, string>> = { pf: 'pf+pj', pj: 'pj+pj' };

/** What else decides which indicators a delivery falls under. */
const qual = (publico: Publico, { comPj }: Portador): string => (comPj ? COM_PJ[publico] : publico);

function fazCortes(e: Portador, rulebook: Rulebook, publico: Publico): readonly Corte[] {
  const deles = Object.entries(rulebook.indicadores).filter(([, indicador]) => pertence(indicador, e, publico));
  return deles.map(([codigo, indicador]) => {
    const clientes = lugares(codigo, indicador, e).map((lugar) => {
      const nomeDe = (medida: ContadorDeIndicador['medida']) => nomeDoContador({ ...lugar, medida });
      return numeroDoContador(nomeDe('clientes'), nomeDe('atendimentos'));
    });
    return { codigo, indicador, clientes };
  });
}

/** The cuts of deliveries alike. */
function dosIguais({ entrega: e, data, rulebook }: Situada): Por<readonly Corte[]> {
  const porTipo = nivel(nivel(nivel(cortes, rulebook.versao), data.mes), e.unidade);
  return nivel(nivel(porTipo, e.tipoSolucao), e.modalidade);
}

/** Names are long and deliveries of a kind many: each name is made once. */
function cortesDe(s: Situada, publico: Publico): readonly Corte[] {
  const deQual = qual(publico, s.entrega);
  const iguais = dosIguais(s);
  let deles = iguais.get(deQual);
  if (deles === undefined) {
    deles = fazCortes(s.entrega, s.rulebook, publico);
    iguais.set(deQual, deles);
  }
  return deles;
}

/** A delivery, with what is asked of it again and again. */
export interface Situada {
  entrega: Portador;
  data: Data;
  rulebook: Rulebook;
}

function situa(entrega: Portador, rulebooks: Rulebooks): Situada {
  return { entrega, data: dataDe(entrega.time), rulebook: rulebooks.em(entrega.time) };
}

/** A bit for each of the cuts of {@link lugares}, over all units; those of its own unit follow. */
const BIT: Record<Dimensao, number> = { total: 1, tipo: 2, modalidade: 4, mes: 8 };
const CORTES = 4;
const TODOS = (1 << (2 * CORTES)) - 1;

/** The places of an indicator that two deliveries share. */
function emComum(a: Situada, b: Situada, periodo: Indicador['periodo']): number {
  if (a.data[periodo] !== b.data[periodo]) return 0;
  let bits = BIT.total;
  if (a.entrega.tipoSolucao === b.entrega.tipoSolucao) bits |= BIT.tipo;
  if (a.entrega.modalidade === b.entrega.modalidade) bits |= BIT.modalidade;
  if (a.data.mes === b.data.mes) bits |= BIT.mes;
  return a.entrega.unidade === b.entrega.unidade ? bits | (bits << CORTES) : bits;
}

/** The places of a delivery in an indicator that some of the first `ate` others of the same client hold. */
function ocupados(
  s: Situada,
  { codigo, indicador }: Corte,
  publico: Publico,
  outras: readonly Situada[],
  ate: number,
): number {
  let bits = 0;
  // The latest first: of a hundred thousand, one that is alike is mostly near the end.
  for (let n = ate - 1; n >= 0; n -= 1) {
    const outra = outras[n] as Situada;
    const dela = outra.rulebook.indicadores[codigo];
    if (dela?.periodo !== indicador.periodo || !pertence(dela, outra.entrega, publico)) continue;
    bits |= emComum(s, outra, indicador.periodo);
    if (bits === TODOS) break;
  }
  return bits;
}

/** Adds (or, with `sinal` -1, takes away) deliveries to those `outras` that their client has. */
function acumulaEntregas(
  total: Somas,
  titular: string,
  entregas: readonly Situada[],
  sinal: 1 | -1,
  outras: readonly Situada[],
): void {
  const de = publicoDe(titular);
  const publico: Publico = de === 'pj' ? 'pj' : 'pf';
  for (const [n, situada] of entregas.entries()) {
    const { ladoDePf, quantidade } = situada.entrega;
    for (const corte of cortesDe(situada, publico)) {
      const repetida = ladoDePf && corte.indicador.publico.length > 1;
      if (!repetida) for (const contador of corte.clientes) total.soma(contador + 1, sinal * quantidade);
      if (de === 'nao-identificado') continue;
      // A client counts once in each place.
      const dosOutros =
        ocupados(situada, corte, publico, outras, outras.length) | ocupados(situada, corte, publico, entregas, n);
      let bit = 1;
      for (const contador of corte.clientes) {
        if ((dosOutros & bit) === 0) total.soma(contador, sinal);
        bit <<= 1;
      }
    }
  }
}

const POUCAS = 8;

/** Those of `a` that are not in `b`, the very same objects. */
function semAs(a: readonly Portador[], b: readonly Portador[]): readonly Portador[] {
  if (a.length === 0 || b.length === 0) return a;
  if (b.length <= POUCAS) return a.filter((e) => !b.includes(e));
  const nelas = new Set(b);
  return a.filter((e) => !nelas.has(e));
}

/**
 * Adds to `total` what a holder's deliveries going from `antes` to `depois` changes in the indicators: the difference
 * of their contributions (`contribuicoes`), out of those deliveries alone that are in one and not in the other.
 * @param antes as `entregas` gave them before a fold
 * @param depois as it gives them after: a delivery that stands is the same object in both
 */
export function acumulaMudanca(
  total: Somas,
  titular: string,
  antes: readonly Portador[],
  depois: readonly Portador[],
  rulebooks: Rulebooks,
): void {
  // Mostly some came, and all that were there stand.
  const ficamTodas = comecoComum(antes, depois) === antes.length;
  const [sairam, entraram] = ficamTodas
    ? [[], depois.slice(antes.length)]
    : [semAs(antes, depois), semAs(depois, antes)];
  if (sairam.length + entraram.length === 0) return;
  const situadas = (entregas: readonly Portador[]) => entregas.map((e) => situa(e, rulebooks));
  const mudanca = { sairam: situadas(sairam), entraram: situadas(entraram), ficaram: situadas(semAs(antes, sairam)) };
  acumulaEntregas(total, titular, mudanca.sairam, -1, mudanca.ficaram);
  acumulaEntregas(total, titular, mudanca.entraram, 1, mudanca.ficaram);
  acumulaPrimeiros(total, titular, mudanca);
}
