import type { Lugar } from '#domain/apuracao.ts';
import { temCpf } from '#domain/cpf-em-texto.ts';
import { FORMA_DE_PSEUDONIMO, normalizaDocumento, PSEUDONIMO_PF } from '#domain/documento.ts';
import type { Cliente, Interacao } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

/** Whose data are looked for. */
export interface Pessoa {
  /** The client id they have now. */
  id: string;
  /** All the client ids they are known by. */
  ids: ReadonlySet<string>;
  /** The digits of the CPF, where it is known: what came past the door may hold it in the clear. */
  cpf: string | null;
  /** Ids of theirs that were forgotten: of what came since the log still has them. */
  antes?: readonly string[];
  /** Ids under which who did not hear of a change of key told of them. */
  outros?: readonly string[];
  /** An interaction under the names that those have by now whom it names, by where its record stands. */
  ve?: (lugar: Lugar, i: Interacao) => Interacao;
}

type Objeto = Record<string, unknown>;

/** What bytes of theirs hold: texts stand in Avro as they are, so that the rest need not be decoded. */
export function marcasDe({ ids, cpf, antes = [], outros = [] }: Pessoa): Buffer[] {
  // A CNPJ also stands alone, where a company was created.
  const textos = [...ids, ...antes, ...outros].map((id) => (id.startsWith('pj:') ? id.slice(3) : id));
  const doCpf = cpf === null ? [] : [cpf, cpf.replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4')];
  return [...textos, ...doCpf].map((texto) => Buffer.from(texto));
}

function ehDela({ ids, cpf }: Pessoa, pf: string | null): boolean {
  return pf !== null && (ids.has(pf) || (cpf !== null && normalizaDocumento(pf) === cpf));
}

/** Whether a client is the person, or the company. */
function ehOCliente(pessoa: Pessoa, cliente: Cliente | null): boolean {
  if (cliente === null) return false;
  return ehDela(pessoa, cliente.pf) || (cliente.pj !== null && pessoa.ids.has(cliente.pj.id));
}

/** Whether an interaction names the person: as its client, in a list, or as the company it created. */
export function nomeia(pessoa: Pessoa, i: Interacao): boolean {
  return (
    ehOCliente(pessoa, i.cliente) ||
    (i.participantes ?? []).some((p) => ehOCliente(pessoa, p.cliente)) ||
    (i.pjCriada !== null && pessoa.ids.has(`pj:${i.pjCriada}`))
  );
}

/** Of a client what is the person's: a company beside a person is hers, the person beside a company is another. */
function doCliente(pessoa: Pessoa, cliente: Cliente): Cliente {
  const pf = ehDela(pessoa, cliente.pf) ? cliente.pf : null;
  const pj = cliente.pj !== null && (pf !== null || pessoa.ids.has(cliente.pj.id)) ? cliente.pj : null;
  return { pf, pj, naoIdentificado: null };
}

const ID_DE_CLIENTE = new RegExp(String.raw`${FORMA_DE_PSEUDONIMO}|pj:[A-Z0-9]{12}\d{2}`, 'g');
const OUTRA_PESSOA = '(outra pessoa)';

function textoDe(ids: ReadonlySet<string>, texto: string): string {
  const visivel = temCpf(texto) && !PSEUDONIMO_PF.test(texto) ? ocultaCpf(texto) : texto;
  return visivel.replace(ID_DE_CLIENTE, (id) => (ids.has(id) ? id : OUTRA_PESSOA));
}

/** Without absent fields, without any client id that is not one of `ids`, and without a CPF, wherever they stand. */
function semOutros(ids: ReadonlySet<string>, valor: unknown): unknown {
  if (typeof valor === 'string') return textoDe(ids, valor);
  if (Array.isArray(valor)) return valor.map((v) => semOutros(ids, v));
  if (typeof valor !== 'object' || valor === null) return valor;
  const presentes = Object.entries(valor).filter(([, v]) => v !== null);
  return Object.fromEntries(presentes.map(([k, v]) => [textoDe(ids, k), semOutros(ids, v)]));
}

function idsDas(cliente: Cliente): string[] {
  return cliente.pj === null ? [] : [cliente.pj.id];
}

function limpa(pessoa: Pessoa, registro: Objeto, empresas: readonly string[]): Objeto {
  return semOutros(new Set([...pessoa.ids, ...empresas]), registro) as Objeto;
}

export const iso = (ms: number): string => new Date(ms).toISOString();

/** Of an interaction that names the person what is hers, and the companies it names her with. */
function partes(pessoa: Pessoa, i: Interacao): { campos: Objeto; empresas: string[] } {
  const { cliente, participantes, responsavel, pjCriada, ...resto } = i;
  const propria = ehOCliente(pessoa, cliente);
  const dela = cliente !== null && propria ? doCliente(pessoa, cliente) : null;
  const linhas = (participantes ?? [])
    .filter((p) => ehOCliente(pessoa, p.cliente))
    .map((p) => ({ ...p, cliente: doCliente(pessoa, p.cliente) }));
  const daPj = pjCriada !== null && pessoa.ids.has(`pj:${pjCriada}`);
  const campos = {
    ...resto,
    time: iso(i.time),
    cliente: dela,
    participantes: linhas.length === 0 ? null : linhas,
    // Who served her is another person.
    responsavel: responsavel === null ? null : { papel: responsavel.papel },
    pjCriada: propria || daPj ? pjCriada : null,
  };
  const clientes = [...(dela === null ? [] : [dela]), ...linhas.map((l) => l.cliente)];
  return { campos, empresas: clientes.flatMap(idsDas) };
}

/** Of an interaction what is the person's; see {@link nomeia}. */
export function recorteDaInteracao(pessoa: Pessoa, i: Interacao): Objeto {
  const { campos, empresas } = partes(pessoa, i);
  return limpa(pessoa, campos, empresas);
}

/** The same of a classified one: of who was credited only the person, and her company. */
export function recorteDaClassificada(
  pessoa: Pessoa,
  interacao: Interacao,
  decisao: { creditos: readonly string[] },
): Objeto {
  const { campos, empresas } = partes(pessoa, interacao);
  const seus = new Set([...pessoa.ids, ...empresas]);
  const creditos = decisao.creditos.filter((c) => seus.has(c));
  return limpa(pessoa, { interacao: campos, decisao: { ...decisao, creditos } }, empresas);
}

/** Of a record that is the person's whole: a ledger entry, a status, a presence. @param empresas named with her */
export function recorteDoProprio(pessoa: Pessoa, registro: object, empresas: readonly string[] = []): Objeto {
  return limpa(pessoa, { ...registro }, empresas);
}
