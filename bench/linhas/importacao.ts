import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PROJECT_ROOT } from '#platform/config.ts';
import { usoDe } from '../processos.ts';
import { Servicos } from '../servicos.ts';
import { limpa, sobeServidores } from '../servidores.ts';
import type { Contexto, Medida } from './contexto.ts';
import { chaveDe, SOURCE } from './porta.ts';

const LINHAS = 50_000;
const OLHA_MS = 100;
const MAPA = `campos:
  id: Protocolo
  tipo: {constante: atendimento}
  time: {colunas: [Data, Hora]}
  unidade: UF
  tipoSolucao: {constante: orientacao-tecnica}
  canal: {coluna: Meio, traducao: {Tel: telefone, Zap: whatsapp}}
  protocolo: Protocolo
  duracaoMin: Minutos
  cliente.pf.cpf: CPF
  cliente.pj.cnpj: CNPJ
`;

/** The same lines as a spreadsheet and as events; the ids of one file are not those of another. */
function linhas(prefixo: string): { csv: string; ndjson: string } {
  const csv = ['Protocolo;Data;Hora;UF;Meio;Minutos;CPF;CNPJ;Nota'];
  const ndjson: string[] = [];
  for (let n = 0; n < LINHAS; n += 1) {
    const id = `${prefixo}-${n}`;
    csv.push(`${id};02/03/2026;10:15;SP;Tel;1.090,5;529.982.247-25;11.222.333/0001-81;"uma nota; com ""aspas"""`);
    const cliente = { pf: { cpf: '529.982.247-25' }, pj: { cnpj: '11.222.333/0001-81' } };
    const da = {
      tipoSolucao: 'orientacao-tecnica',
      unidade: 'SP',
      canal: 'telefone',
      protocolo: id,
      duracaoMin: 1090.5,
    };
    const type = 'br.com.sebrae.interacao.atendimento';
    const time = '2026-03-02T10:15:00-03:00';
    ndjson.push(JSON.stringify({ specversion: '1.0', id, source: SOURCE, type, time, data: { ...da, cliente } }));
  }
  return { csv: csv.join('\n'), ndjson: ndjson.join('\n') };
}

interface Corrida {
  /** Lines a second, the command's start included. */
  ritmo: number;
  /** CPU of the command, microseconds a line. */
  cpuUs: number;
  picoMiB: number;
}

/** Runs the command as a person would. */
async function comando(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Corrida> {
  const inicio = performance.now();
  const main = join(PROJECT_ROOT, 'services/cli/main.ts');
  const opcoes = ['--disable-warning=ExperimentalWarning', main, 'import', ...args, '--source', SOURCE];
  const filho = spawn(process.execPath, opcoes, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let uso = { cpu: 0, picoMiB: 0 };
  const olha = setInterval(() => {
    const agora = usoDe(filho.pid ?? 0);
    if (agora.picoMiB > 0) uso = agora;
  }, OLHA_MS);
  const [codigo] = await once(filho, 'close');
  clearInterval(olha);
  if (codigo !== 0) throw new Error(`atendido import saiu com ${codigo}`);
  return {
    ritmo: LINHAS / ((performance.now() - inicio) / 1_000),
    cpuUs: (uso.cpu * 1e6) / LINHAS,
    picoMiB: uso.picoMiB,
  };
}

/** The same NDJSON to the door in one request, by nothing at all in between. */
async function direto(url: string, chave: string, arquivo: string): Promise<number> {
  const inicio = performance.now();
  const headers = { authorization: `Bearer ${chave}`, 'content-type': 'application/x-ndjson' };
  const pedido = request(`${url}/v1/eventos`, { method: 'POST', headers });
  const resposta = once(pedido, 'response');
  await pipeline(createReadStream(arquivo), pedido);
  const [recebida] = await resposta;
  await once(recebida.resume(), 'end');
  if (recebida.statusCode !== 202) throw new Error(`POST /v1/eventos: ${recebida.statusCode}`);
  return LINHAS / ((performance.now() - inicio) / 1_000);
}

/** `atendido import` of a CSV and of an NDJSON beside the door alone, which is given the same NDJSON in one request. */
export async function importacao({ pastas, perfil, diz }: Contexto): Promise<Medida[]> {
  await limpa(pastas);
  const servicos = new Servicos({ pastas, pilha: await sobeServidores(pastas), perfil });
  try {
    await servicos.sobe(['ingest']);
    const endereco = servicos.endereco('ingest');
    const chave = await chaveDe(endereco);
    const pasta = join(pastas.base, 'importacao');
    mkdirSync(pasta, { recursive: true });
    const caminho = (nome: string): string => join(pasta, nome);
    writeFileSync(caminho('mapa.yaml'), MAPA);
    for (const nome of ['aquece', 'a']) {
      const { csv, ndjson } = linhas(`${nome}-${process.pid}`);
      writeFileSync(caminho(`${nome}.csv`), csv);
      writeFileSync(caminho(`${nome}.ndjson`), ndjson);
    }
    const env = { ATENDIDO_API_URL: endereco, ATENDIDO_CHAVE: chave, ATENDIDO_HOME: pasta };
    await direto(endereco, chave, caminho('aquece.ndjson'));
    const ensaio = await comando([caminho('a.csv'), '--mapa', caminho('mapa.yaml'), '--dry-run'], env);
    const csv = await comando([caminho('a.csv'), '--mapa', caminho('mapa.yaml')], env);
    const ndjson = await comando([caminho('a.ndjson')], env);
    const porta = await direto(endereco, chave, caminho('a.ndjson'));
    diz(
      `  importação: csv ${Math.round(csv.ritmo)}, ndjson ${Math.round(ndjson.ritmo)}; a porta só, ${Math.round(porta)}`,
    );
    return [
      { linha: 'importa-ensaio', valor: ensaio.ritmo },
      { linha: 'importa-csv', valor: csv.ritmo },
      { linha: 'importa-ndjson', valor: ndjson.ritmo },
      { linha: 'importa-porta', valor: porta },
      { linha: 'importa-razao', valor: (100 * csv.ritmo) / porta },
      { linha: 'importa-cpu', valor: csv.cpuUs },
      { linha: 'importa-memoria', valor: Math.max(csv.picoMiB, ndjson.picoMiB) },
    ];
  } finally {
    await servicos.para();
    await limpa(pastas);
  }
}
