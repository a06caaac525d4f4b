import type { Portador } from '#domain/cliente.ts';
import type { Escrita, Leitura } from './bytes.ts';
import { Dicionario } from './palavras.ts';

/**
 * | | as |
 * |---|---|
 * | how many holders | a number; then for each |
 * | source, tipoSolucao, unidade, modalidade | a word each: n < 0 is word -1 - n of palavras.ts; n ≥ 0 is the n-th of those written out, and the first that was not yet is followed by its text |
 * | id | as the signs say: a UUID in 16 bytes, or a text |
 * | time | milliseconds since the epoch |
 * | quantidade | a number |
 * | chave | as the signs say: that of the event itself (nothing), `tipoSolucao\|campo=valor` (a word, a text), or whole |
 */
const SINAIS = { comPj: 1, ladoDePf: 2, uuid: 4, chaveDeCampo: 8, chaveInteira: 16, desfeito: 32 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const chaveDoEvento = (p: Pick<Portador, 'tipoSolucao' | 'source' | 'id'>): string =>
  `${p.tipoSolucao}|evento|${p.source}|${p.id}`;

const ehDoEvento = (p: Portador): boolean => {
  const meio = '|evento|';
  const tamanho = p.tipoSolucao.length + meio.length + p.source.length + 1 + p.id.length;
  return p.chave.length === tamanho && p.chave.startsWith(meio, p.tipoSolucao.length) && p.chave === chaveDoEvento(p);
};

/** Where the field of `tipoSolucao|campo=valor` ends; -1: the key has another form. */
function fimDoCampo({ chave, tipoSolucao }: Portador): number {
  if (!chave.startsWith(tipoSolucao) || chave[tipoSolucao.length] !== '|') return -1;
  return chave.indexOf('=', tipoSolucao.length + 1);
}

function sinaisDe(p: Portador, doEvento: boolean, igual: number): number {
  let sinais = (p.comPj ? SINAIS.comPj : 0) | (p.ladoDePf ? SINAIS.ladoDePf : 0);
  if (p.desfeito) sinais |= SINAIS.desfeito;
  if (p.id.length === 36 && UUID.test(p.id)) sinais |= SINAIS.uuid;
  if (doEvento) return sinais;
  return sinais | (igual >= 0 ? SINAIS.chaveDeCampo : SINAIS.chaveInteira);
}

function gravaUm(escrita: Escrita, p: Portador, dicionario: Dicionario): void {
  const doEvento = ehDoEvento(p);
  const igual = doEvento ? -1 : fimDoCampo(p);
  const sinais = sinaisDe(p, doEvento, igual);
  escrita.byte(sinais);
  dicionario.grava(escrita, p.source);
  dicionario.grava(escrita, p.tipoSolucao);
  dicionario.grava(escrita, p.unidade);
  dicionario.grava(escrita, p.modalidade);
  if ((sinais & SINAIS.uuid) !== 0) escrita.uuid(p.id);
  else escrita.texto(p.id);
  escrita.inteiro(p.time);
  escrita.numero(p.quantidade);
  if (igual >= 0) {
    dicionario.grava(escrita, p.chave.slice(p.tipoSolucao.length + 1, igual));
    escrita.texto(p.chave.slice(igual + 1));
  } else if ((sinais & SINAIS.chaveInteira) !== 0) escrita.texto(p.chave);
}

function leUm(leitura: Leitura, dicionario: Dicionario): Portador {
  const sinais = leitura.byte();
  const p: Portador = {
    source: dicionario.le(leitura),
    tipoSolucao: dicionario.le(leitura),
    unidade: dicionario.le(leitura),
    modalidade: dicionario.le(leitura),
    id: (sinais & SINAIS.uuid) !== 0 ? leitura.uuid() : leitura.texto(),
    time: leitura.inteiro(),
    quantidade: leitura.numero(),
    chave: '',
    comPj: (sinais & SINAIS.comPj) !== 0,
    ladoDePf: (sinais & SINAIS.ladoDePf) !== 0,
    desfeito: (sinais & SINAIS.desfeito) !== 0,
  };
  if ((sinais & SINAIS.chaveDeCampo) !== 0) {
    p.chave = `${p.tipoSolucao}|${dicionario.le(leitura)}=${leitura.texto()}`;
  } else if ((sinais & SINAIS.chaveInteira) !== 0) p.chave = leitura.texto();
  else p.chave = chaveDoEvento(p);
  return p;
}

/** Writes all holders; nothing where there are none. */
export function gravaPortadores(escrita: Escrita, portadores: readonly Portador[]): void {
  if (portadores.length === 0) return;
  const dicionario = new Dicionario();
  escrita.numero(portadores.length);
  for (const p of portadores) gravaUm(escrita, p, dicionario);
}

export function lePortadores(leitura: Leitura): Portador[] {
  const dicionario = new Dicionario();
  const portadores: Portador[] = [];
  for (let faltam = leitura.numero(); faltam > 0; faltam -= 1) portadores.push(leUm(leitura, dicionario));
  return portadores;
}
