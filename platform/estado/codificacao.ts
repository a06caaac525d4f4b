import { readFileSync } from 'node:fs';
import avro from 'avsc';
import type { EstadoCliente, Portador } from '#domain/cliente.ts';
import { Dicionario, palavraDe } from './palavras.ts';

/** The first byte of every value: what follows is as estado-cliente.avsc says. */
const FORMATO = 1;
const BYTES_DA_IMPRESSAO = 8;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const COM_PJ = 1;
const LADO_DE_PF = 2;

interface PortadorGravado {
  source: number;
  id: string | Buffer;
  time: number;
  tipoSolucao: number;
  unidade: number;
  modalidade: number;
  quantidade: number;
  sinais: number;
  chave: null | { campo: number; valor: string } | string;
}

interface EstadoGravado {
  textos: string[];
  portadores: PortadorGravado[];
  estornados: Buffer;
  vistos: Buffer;
  outrasMetricas: { ano: number; metrica: number; n: number }[];
}

const esquema = JSON.parse(readFileSync(new URL('./estado-cliente.avsc', import.meta.url), 'utf8')) as avro.Schema;
const tipo = avro.Type.forSchema(esquema, { wrapUnions: 'never', omitRecordMethods: true });

function gravaId(id: string): string | Buffer {
  return UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : id;
}

function leId(id: string | Buffer): string {
  if (typeof id === 'string') return id;
  const h = id.toString('hex');
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
}

const chaveDoEvento = (p: Pick<Portador, 'tipoSolucao' | 'source' | 'id'>): string =>
  `${p.tipoSolucao}|evento|${p.source}|${p.id}`;

function gravaChave(p: Portador, dicionario: Dicionario): PortadorGravado['chave'] {
  if (p.chave === chaveDoEvento(p)) return null;
  const inicio = `${p.tipoSolucao}|`;
  const igual = p.chave.indexOf('=', inicio.length);
  if (!p.chave.startsWith(inicio) || igual < 0) return p.chave;
  return { campo: dicionario.numero(p.chave.slice(inicio.length, igual)), valor: p.chave.slice(igual + 1) };
}

function gravaPortador(p: Portador, dicionario: Dicionario): PortadorGravado {
  return {
    source: dicionario.numero(p.source),
    id: gravaId(p.id),
    time: p.time,
    tipoSolucao: dicionario.numero(p.tipoSolucao),
    unidade: dicionario.numero(p.unidade),
    modalidade: dicionario.numero(p.modalidade),
    quantidade: p.quantidade,
    sinais: (p.comPj ? COM_PJ : 0) | (p.ladoDePf ? LADO_DE_PF : 0),
    chave: gravaChave(p, dicionario),
  };
}

function lePortador(g: PortadorGravado, textos: readonly string[]): Portador {
  const p: Portador = {
    source: palavraDe(g.source, textos),
    id: leId(g.id),
    time: g.time,
    tipoSolucao: palavraDe(g.tipoSolucao, textos),
    unidade: palavraDe(g.unidade, textos),
    modalidade: palavraDe(g.modalidade, textos),
    chave: '',
    quantidade: g.quantidade,
    comPj: (g.sinais & COM_PJ) !== 0,
    ladoDePf: (g.sinais & LADO_DE_PF) !== 0,
  };
  if (g.chave === null) p.chave = chaveDoEvento(p);
  else if (typeof g.chave === 'string') p.chave = g.chave;
  else p.chave = `${p.tipoSolucao}|${palavraDe(g.chave.campo, textos)}=${g.chave.valor}`;
  return p;
}

function gravaImpressoes(impressoes: ReadonlySet<string>): Buffer {
  return Buffer.from([...impressoes].join(''), 'latin1');
}

function leImpressoes(bytes: Buffer): Set<string> {
  const impressoes = new Set<string>();
  for (let i = 0; i < bytes.length; i += BYTES_DA_IMPRESSAO) {
    impressoes.add(bytes.toString('latin1', i, i + BYTES_DA_IMPRESSAO));
  }
  return impressoes;
}

/** The bytes Redis keeps of a state: the format, then the Avro body. */
export function codificaEstado(estado: EstadoCliente): Buffer {
  const dicionario = new Dicionario();
  const gravado: EstadoGravado = {
    textos: dicionario.textos,
    portadores: estado.portadores.map((p) => gravaPortador(p, dicionario)),
    estornados: gravaImpressoes(estado.estornados),
    vistos: gravaImpressoes(estado.vistos),
    outrasMetricas: [...estado.outrasMetricas].map(([chave, n]) => {
      const [ano = '', metrica = ''] = chave.split('|');
      return { ano: dicionario.numero(ano), metrica: dicionario.numero(metrica), n };
    }),
  };
  return Buffer.concat([Buffer.of(FORMATO), tipo.toBuffer(gravado)]);
}

/** What {@link codificaEstado} wrote. @throws Error bytes of a format this version does not know, or damaged */
export function decodificaEstado(bytes: Buffer): EstadoCliente {
  if (bytes[0] !== FORMATO) throw new Error(`estado de cliente ilegível: formato ${bytes[0] ?? 'ausente'}`);
  const { textos, portadores, estornados, vistos, outrasMetricas }: EstadoGravado = tipo.fromBuffer(bytes.subarray(1));
  return {
    portadores: portadores.map((p) => lePortador(p, textos)),
    estornados: leImpressoes(estornados),
    vistos: leImpressoes(vistos),
    outrasMetricas: new Map(
      outrasMetricas.map(({ ano, metrica, n }) => [`${palavraDe(ano, textos)}|${palavraDe(metrica, textos)}`, n]),
    ),
  };
}
