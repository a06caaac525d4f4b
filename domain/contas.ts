import { type ContaDoCliente, type Entrega, entregas, type OutraMetrica, type Portador } from './cliente.ts';
import type { IdentidadeEvento } from './interacao.ts';
import type { Credito, Lancamento } from './lancamento.ts';
import { Linhas } from './linhas.ts';
import { nivel } from './nivel.ts';
import { Textos } from './textos.ts';

const DO_PORTADOR = { lugar: 0, time: 1, quantidade: 2, sinais: 3, id: 4, chave: 5 };
const DA_OUTRA = { qual: 0, n: 1 };
const SINAIS = { comPj: 1, ladoDePf: 2, desfeito: 4 };

/** What few values tell of a delivery, which come together again and again. */
type Lugar = Pick<Portador, 'source' | 'tipoSolucao' | 'unidade' | 'modalidade'>;

/** Of longer lists looking for each of the one in the other is no shortcut. */
const POUCOS = 16;

/**
 * What counts and what does not of many clients, each by a number from 0: the same as so many `ContaDoCliente`, in flat memory.
 */
export class Contas {
  readonly #portadores = new Linhas(6);
  readonly #outras = new Linhas(2);
  readonly #textos = new Textos();
  readonly #lugares: Lugar[] = [];
  readonly #numerosDosLugares = new Map<string, Map<string, Map<string, Map<string, number>>>>();
  readonly #quais: Omit<OutraMetrica, 'n'>[] = [];
  readonly #numerosDasQuais = new Map<string, Map<string, number>>();
  /** The deliveries of one client that were not taken back. */
  readonly #mantidos: number[] = [];

  /** Takes what an entry that counts says of its delivery. */
  poePortador(conta: number, l: Lancamento, credito: Credito, desfeito: boolean): void {
    const linhas = this.#portadores;
    const linha = linhas.nova(conta);
    const { comPj, ladoDePf, quantidade, chave } = credito;
    const sinais = (comPj ? SINAIS.comPj : 0) | (ladoDePf ? SINAIS.ladoDePf : 0) | (desfeito ? SINAIS.desfeito : 0);
    linhas.poe(linha, DO_PORTADOR.lugar, this.#numeroDoLugar(l));
    linhas.poe(linha, DO_PORTADOR.time, l.time);
    linhas.poe(linha, DO_PORTADOR.quantidade, quantidade);
    linhas.poe(linha, DO_PORTADOR.sinais, sinais);
    linhas.poe(linha, DO_PORTADOR.id, this.#textos.guarda(l.id));
    linhas.poe(linha, DO_PORTADOR.chave, this.#textos.guarda(chave));
  }

  /** Takes the deliveries of an event back, as far as they have come. */
  desfaz(conta: number, { source, id }: IdentidadeEvento): void {
    const linhas = this.#portadores;
    for (let p = linhas.primeira(conta); p >= 0; p = linhas.depoisDe(p)) {
      if (!this.#ehDe(p, source, id)) continue;
      linhas.poe(p, DO_PORTADOR.sinais, linhas.le(p, DO_PORTADOR.sinais) | SINAIS.desfeito);
    }
  }

  /** One more that did not count. */
  contaOutra(conta: number, ano: string, metrica: string): void {
    const linhas = this.#outras;
    const qual = this.#numeroDaQual(ano, metrica);
    for (let o = linhas.primeira(conta); o >= 0; o = linhas.depoisDe(o)) {
      if (linhas.le(o, DA_OUTRA.qual) !== qual) continue;
      linhas.poe(o, DA_OUTRA.n, linhas.le(o, DA_OUTRA.n) + 1);
      return;
    }
    const nova = linhas.nova(conta);
    linhas.poe(nova, DA_OUTRA.qual, qual);
    linhas.poe(nova, DA_OUTRA.n, 1);
  }

  /** The deliveries of one client that stand. */
  entregas(conta: number): readonly Entrega[] {
    const linhas = this.#portadores;
    const mantidos = this.#mantidos;
    mantidos.length = 0;
    for (let p = linhas.primeira(conta); p >= 0; p = linhas.depoisDe(p)) if (!this.#desfeito(p)) mantidos.push(p);
    if (mantidos.length > POUCOS) return entregas(this.conta(conta));
    const ficam: Entrega[] = [];
    for (const p of mantidos) if (!this.#vencido(p)) ficam.push(this.#entrega(p));
    return ficam;
  }

  /** All that is known of one client, in objects of its own. */
  conta(conta: number): ContaDoCliente {
    const portadores: Portador[] = [];
    for (let p = this.#portadores.primeira(conta); p >= 0; p = this.#portadores.depoisDe(p)) {
      portadores.push({
        ...this.#entrega(p),
        source: this.#lugarDe(p).source,
        id: this.#textos.le(this.#portadores.le(p, DO_PORTADOR.id)),
        chave: this.#textos.le(this.#portadores.le(p, DO_PORTADOR.chave)),
        desfeito: this.#desfeito(p),
      });
    }
    const outrasMetricas: OutraMetrica[] = [];
    for (let o = this.#outras.primeira(conta); o >= 0; o = this.#outras.depoisDe(o)) {
      const { ano = '', metrica = '' } = this.#quais[this.#outras.le(o, DA_OUTRA.qual)] ?? {};
      outrasMetricas.push({ ano, metrica, n: this.#outras.le(o, DA_OUTRA.n) });
    }
    return { portadores, outrasMetricas };
  }

  /** Whether all that is known of the client is this, in whatever order; false too where there are many. */
  ehIgual(conta: number, { portadores, outrasMetricas }: ContaDoCliente): boolean {
    return this.#temOsPortadores(conta, portadores) && this.#temAsOutras(conta, outrasMetricas);
  }

  #temOsPortadores(conta: number, deles: readonly Portador[]): boolean {
    if (deles.length > POUCOS) return false;
    let nossos = 0;
    const linhas = this.#portadores;
    // Of ours no two are alike: as many as theirs, and each one of these, they are the same.
    for (let p = linhas.primeira(conta); p >= 0; p = linhas.depoisDe(p)) {
      nossos += 1;
      if (!this.#ehUmDe(deles, p)) return false;
    }
    return nossos === deles.length;
  }

  #ehUmDe(deles: readonly Portador[], p: number): boolean {
    const time = this.#portadores.le(p, DO_PORTADOR.time);
    for (const dele of deles) if (dele.time === time && this.#ehIgualA(dele, p)) return true;
    return false;
  }

  /** In every field there is, so that whatever is made of the one is made of the other. */
  #ehIgualA(dele: Portador, p: number): boolean {
    const linhas = this.#portadores;
    const lugar = this.#lugarDe(p);
    const sinais = linhas.le(p, DO_PORTADOR.sinais);
    return (
      linhas.le(p, DO_PORTADOR.time) === dele.time &&
      linhas.le(p, DO_PORTADOR.quantidade) === dele.quantidade &&
      ((sinais & SINAIS.comPj) !== 0) === dele.comPj &&
      ((sinais & SINAIS.ladoDePf) !== 0) === dele.ladoDePf &&
      ((sinais & SINAIS.desfeito) !== 0) === dele.desfeito &&
      lugar.source === dele.source &&
      lugar.tipoSolucao === dele.tipoSolucao &&
      lugar.unidade === dele.unidade &&
      lugar.modalidade === dele.modalidade &&
      this.#textos.eh(linhas.le(p, DO_PORTADOR.id), dele.id) &&
      this.#textos.eh(linhas.le(p, DO_PORTADOR.chave), dele.chave)
    );
  }

  #temAsOutras(conta: number, delas: readonly OutraMetrica[]): boolean {
    let nossas = 0;
    const linhas = this.#outras;
    for (let o = linhas.primeira(conta); o >= 0; o = linhas.depoisDe(o)) {
      nossas += 1;
      const { ano, metrica } = this.#quais[linhas.le(o, DA_OUTRA.qual)] ?? {};
      const n = linhas.le(o, DA_OUTRA.n);
      if (!delas.some((dela) => dela.n === n && dela.metrica === metrica && dela.ano === ano)) return false;
    }
    return nossas === delas.length;
  }

  #vencido(p: number): boolean {
    const chave = this.#portadores.le(p, DO_PORTADOR.chave);
    for (const outro of this.#mantidos) {
      if (outro === p || !this.#textos.iguais(this.#portadores.le(outro, DO_PORTADOR.chave), chave)) continue;
      if (this.#antes(outro, p)) return true;
    }
    return false;
  }

  #antes(a: number, b: number): boolean {
    const linhas = this.#portadores;
    const [deA, deB] = [linhas.le(a, DO_PORTADOR.time), linhas.le(b, DO_PORTADOR.time)];
    if (deA !== deB) return deA < deB;
    const [sourceDeA, sourceDeB] = [this.#lugarDe(a).source, this.#lugarDe(b).source];
    if (sourceDeA !== sourceDeB) return sourceDeA < sourceDeB;
    return this.#textos.le(linhas.le(a, DO_PORTADOR.id)) < this.#textos.le(linhas.le(b, DO_PORTADOR.id));
  }

  #ehDe(p: number, source: string, id: string): boolean {
    return this.#lugarDe(p).source === source && this.#textos.eh(this.#portadores.le(p, DO_PORTADOR.id), id);
  }

  #desfeito(p: number): boolean {
    return (this.#portadores.le(p, DO_PORTADOR.sinais) & SINAIS.desfeito) !== 0;
  }

  #entrega(p: number): Entrega {
    const { tipoSolucao, unidade, modalidade } = this.#lugarDe(p);
    const sinais = this.#portadores.le(p, DO_PORTADOR.sinais);
    return {
      time: this.#portadores.le(p, DO_PORTADOR.time),
      tipoSolucao,
      unidade,
      modalidade,
      quantidade: this.#portadores.le(p, DO_PORTADOR.quantidade),
      comPj: (sinais & SINAIS.comPj) !== 0,
      ladoDePf: (sinais & SINAIS.ladoDePf) !== 0,
    };
  }

  #lugarDe(p: number): Lugar {
    const lugar = this.#lugares[this.#portadores.le(p, DO_PORTADOR.lugar)];
    if (lugar === undefined) throw new Error('uma entrega sem lugar');
    return lugar;
  }

  #numeroDoLugar({ source, tipoSolucao, unidade, modalidade }: Lancamento): number {
    const [tipo, modo] = [tipoSolucao ?? '', modalidade ?? ''];
    const porModalidade = nivel(nivel(nivel(this.#numerosDosLugares, source), tipo), unidade);
    let numero = porModalidade.get(modo);
    if (numero === undefined) {
      numero = this.#lugares.push({ source, tipoSolucao: tipo, unidade, modalidade: modo }) - 1;
      porModalidade.set(modo, numero);
    }
    return numero;
  }

  #numeroDaQual(ano: string, metrica: string): number {
    const porMetrica = nivel(this.#numerosDasQuais, ano);
    let numero = porMetrica.get(metrica);
    if (numero === undefined) {
      numero = this.#quais.push({ ano, metrica }) - 1;
      porMetrica.set(metrica, numero);
    }
    return numero;
  }
}
