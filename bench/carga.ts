import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { pseudonimizador } from '#domain/documento.ts';
import { leEvento } from '#domain/evento.ts';
import { chaveDeParticao, type Interacao, topicoDe } from '#domain/interacao.ts';
import { typeOf } from '#platform/codec-types.ts';
import { PROJECT_ROOT } from '#platform/config.ts';
import { geraEventos } from '../services/cli/demo/gerador.ts';
import { Sorteio } from '../services/cli/demo/sorteio.ts';

/** The demo redelivers 3% of its events; with these, one in twenty is a copy. */
const REENTREGAS_A_MAIS = 0.021;
const LEMBRADAS = 2_000;
/** Of the events made, the door refuses about one in a hundred. */
const FOLGA = 1.03;
/** Any fixed key will do: the load is the same on every machine. */
const CHAVE = Buffer.from('chave fixa do bench, que a nada protege').toString('base64');
/** A fixed present, so that the same seed makes the same load on any day. */
const AGORA = Date.parse('2026-10-01T00:00:00-03:00');

const TOPICOS = ['interacoes', 'presencas'] as const;

export interface OpcoesDaCarga {
  eventos: number;
  semente: number;
  /** In front of every id: two loads with different ones share no event. */
  execucao: string;
}

/** One record of the load: the Avro body without the registry's header, whose id is the registry's to give. */
export interface RegistroDaCarga {
  topico: (typeof TOPICOS)[number];
  chave: string;
  corpo: Buffer;
}

/** What accepted producers would send: `eventos` interactions, copies included, in order. */
export function* interacoesDaCarga({ eventos, semente, execucao }: OpcoesDaCarga): Generator<Interacao, void> {
  const pseudonimo = pseudonimizador(CHAVE);
  const sorteio = new Sorteio(semente);
  const lembradas: Interacao[] = [];
  let feitas = 0;
  const todas = geraEventos({ eventos: Math.ceil(eventos * FOLGA), semente, execucao, agora: AGORA });
  for (const { evento } of todas) {
    const lido = leEvento(evento, pseudonimo);
    if (!lido.ok || lido.documentoInvalido !== null) continue;
    if (feitas++ === eventos) return;
    yield lido.interacao;
    lembradas[feitas % LEMBRADAS] = lido.interacao;
    if (!sorteio.chance(REENTREGAS_A_MAIS)) continue;
    const copia = lembradas[sorteio.inteiro(0, LEMBRADAS - 1)];
    if (copia === undefined) continue;
    if (feitas++ === eventos) return;
    yield copia;
  }
}

/** What the load is made by, so that a change there makes it anew. */
function carimbo(opcoes: OpcoesDaCarga): string {
  const fontes = ['bench/carga.ts', 'services/cli/demo/gerador.ts', 'services/cli/demo/catalogo.ts'];
  const esquemas = ['schemas/Interacao.avsc', 'domain/evento.ts'];
  const hash = createHash('sha256').update(JSON.stringify(opcoes));
  for (const arquivo of [...fontes, ...esquemas]) hash.update(readFileSync(join(PROJECT_ROOT, arquivo)));
  return hash.digest('hex').slice(0, 12);
}

function quadro({ topico, chave, corpo }: RegistroDaCarga): Buffer {
  const nome = Buffer.from(chave);
  const cabeca = Buffer.alloc(7);
  cabeca.writeUInt8(TOPICOS.indexOf(topico), 0);
  cabeca.writeUInt16BE(nome.length, 1);
  cabeca.writeUInt32BE(corpo.length, 3);
  return Buffer.concat([cabeca, nome, corpo]);
}

async function escreve(arquivo: string, opcoes: OpcoesDaCarga): Promise<void> {
  const tipo = typeOf('Interacao');
  const saida = createWriteStream(`${arquivo}.novo`, { highWaterMark: 4 << 20 });
  for (const interacao of interacoesDaCarga(opcoes)) {
    const registro = {
      topico: topicoDe(interacao),
      chave: chaveDeParticao(interacao),
      corpo: tipo.toBuffer(interacao),
    };
    if (!saida.write(quadro(registro))) await once(saida, 'drain');
  }
  saida.end();
  await finished(saida);
  renameSync(`${arquivo}.novo`, arquivo);
}

/** Removes what earlier versions of the sources left under `pasta`. */
export function descarta(pasta: string, prefixo: string): void {
  for (const nome of readdirSync(pasta).filter((n) => n.startsWith(prefixo))) {
    rmSync(join(pasta, nome), { recursive: true });
  }
}

/** The file of a load under `pasta`, made once. */
export async function arquivoDaCarga(pasta: string, opcoes: OpcoesDaCarga): Promise<string> {
  mkdirSync(pasta, { recursive: true });
  const prefixo = `carga-${opcoes.execucao}-${opcoes.eventos}-`;
  const arquivo = join(pasta, `${prefixo}${carimbo(opcoes)}.bin`);
  if (existsSync(arquivo)) return arquivo;
  descarta(pasta, prefixo);
  await escreve(arquivo, opcoes);
  return arquivo;
}

/** What tells a load from any other, for what is derived from it. */
export const nomeDaCarga = (arquivo: string): string => basename(arquivo, '.bin');

const PEDACO = 4 << 20;

function separa(bytes: Buffer, em: number): [RegistroDaCarga, number] | null {
  if (em + 7 > bytes.length) return null;
  const deChave = em + 7;
  const deCorpo = deChave + bytes.readUInt16BE(em + 1);
  const fim = deCorpo + bytes.readUInt32BE(em + 3);
  if (fim > bytes.length) return null;
  const topico = TOPICOS[bytes.readUInt8(em)] ?? 'interacoes';
  return [{ topico, chave: bytes.toString('utf8', deChave, deCorpo), corpo: bytes.subarray(deCorpo, fim) }, fim];
}

/** The records of a load file, in runs of some thousands, in order. */
export async function* leCarga(arquivo: string): AsyncGenerator<RegistroDaCarga[], void> {
  const entrada = await open(arquivo);
  try {
    let resto: Buffer = Buffer.alloc(0);
    for (;;) {
      const { bytesRead, buffer } = await entrada.read(Buffer.allocUnsafe(PEDACO), 0, PEDACO, null);
      if (bytesRead === 0) return;
      const bytes = Buffer.concat([resto, buffer.subarray(0, bytesRead)]);
      const registros: RegistroDaCarga[] = [];
      let em = 0;
      for (let lido = separa(bytes, em); lido !== null; lido = separa(bytes, em)) {
        registros.push(lido[0]);
        em = lido[1];
      }
      resto = bytes.subarray(em);
      yield registros;
    }
  } finally {
    await entrada.close();
  }
}
