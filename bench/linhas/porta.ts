import { Agent, request } from 'node:http';
import { resolveChaveOperacao } from '#platform/credenciais/chave-operacao.ts';
import { mede } from '../processos.ts';
import { type NomeDeServico, Servicos } from '../servicos.ts';
import { limpa, sobeServidores } from '../servidores.ts';
import type { Contexto, Medida } from './contexto.ts';

export const SOURCE = 'bench';
const CONEXOES = 32;
const DO_LOTE = 100;
const AQUECE_MS = 2_000;
const MEDE_MS = 5_000;

const evento = (n: number): object => ({
  specversion: '1.0',
  id: `porta-${process.pid}-${n}`,
  source: SOURCE,
  type: 'br.com.sebrae.interacao.atendimento',
  time: '2026-03-02T10:15:00-03:00',
  data: {
    tipoSolucao: 'orientacao-tecnica',
    unidade: 'SP',
    canal: 'telefone',
    cliente: { pf: { cpf: '52998224725' }, pj: { cnpj: '11222333000181' } },
    protocolo: `p-${n}`,
  },
});

/** Registers the bench's source and makes its key. */
export async function chaveDe(url: string): Promise<string> {
  const poe = async (caminho: string, corpo: object): Promise<{ chave: string }> => {
    const headers = { authorization: `Bearer ${resolveChaveOperacao()}`, 'content-type': 'application/json' };
    const resposta = await fetch(url + caminho, { method: 'PUT', headers, body: JSON.stringify(corpo) });
    if (!resposta.ok) throw new Error(`${caminho}: ${resposta.status} ${await resposta.text()}`);
    return (await resposta.json()) as { chave: string };
  };
  await poe(`/v1/fontes/${SOURCE}`, { nome: 'Bench' });
  return (await poe(`/v1/credenciais/${SOURCE}`, { source: SOURCE, papeis: ['produtor'] })).chave;
}

function posta(url: string, agent: Agent, headers: Record<string, string>, corpo: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const pedido = request(`${url}/v1/eventos`, { method: 'POST', agent, headers }, (resposta) => {
      resposta.resume().once('end', () => {
        if (resposta.statusCode === 202) resolve();
        else reject(new Error(`POST /v1/eventos: ${resposta.statusCode}`));
      });
    });
    pedido.once('error', reject).end(corpo);
  });
}

/** Events a second that are answered 202, `porPedido` in each request, over connections that stay open. */
async function ritmo(url: string, chave: string, porPedido: number, ms: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONEXOES });
  const tipo = porPedido === 1 ? 'application/cloudevents+json' : 'application/cloudevents-batch+json';
  const headers = { authorization: `Bearer ${chave}`, 'content-type': tipo };
  const inicio = performance.now();
  let n = 0;
  const conexao = async (): Promise<void> => {
    while (performance.now() - inicio < ms) {
      const eventos = Array.from({ length: porPedido }, () => evento(n++));
      await posta(url, agent, headers, JSON.stringify(porPedido === 1 ? eventos[0] : eventos));
    }
  };
  await Promise.all(Array.from({ length: CONEXOES }, conexao));
  agent.destroy();
  return n / ((performance.now() - inicio) / 1_000);
}

/**
 * The door, which answers once Kafka has it in all replicas, beside a bare fastify that answers 202 and keeps nothing: in
 * turns, from the same caller, one event a request and a hundred.
 */
export async function porta(contexto: Contexto): Promise<Medida[]> {
  const { pastas, perfil, diz } = contexto;
  await limpa(pastas);
  const pilha = await sobeServidores(pastas);
  const servicos = new Servicos({ pastas, pilha, perfil });
  try {
    await servicos.sobe(['ingest', 'porta-nua']);
    const chave = await chaveDe(servicos.endereco('ingest'));
    const medidas: Medida[] = [];
    for (const porPedido of [1, DO_LOTE]) {
      const uma = async (nome: NomeDeServico): Promise<number> => {
        await ritmo(servicos.endereco(nome), chave, porPedido, AQUECE_MS);
        const termina = mede(servicos.pids());
        const valor = await ritmo(servicos.endereco(nome), chave, porPedido, MEDE_MS);
        const gasto = termina();
        medidas.push({ linha: `${nome}-${porPedido}`, valor, gasto, registros: valor * gasto.segundos });
        return valor;
      };
      const [nua, inteira] = [await uma('porta-nua'), await uma('ingest')];
      medidas.push({ linha: `porta-razao-${porPedido}`, valor: (100 * inteira) / nua });
      diz(`  porta, ${porPedido} por pedido: ${Math.round(inteira)} eventos/s; nua, ${Math.round(nua)}`);
    }
    return medidas;
  } finally {
    await servicos.para();
    await limpa(pastas);
  }
}
