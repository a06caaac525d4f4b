import { z } from 'zod';
import { decodificaEstado } from '#platform/estado/codificacao.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { problema } from '#platform/http/rotas-de-escrita.ts';
import { csvDaSituacao, idDeAgora, respostaDeCliente, situacao } from './clientes.ts';
import { CONSULTA, type Contexto, NUMEROS, RECUSAS } from './contexto.ts';
import { consultaDeEntregas, csvDeEntregas, entregasDoCliente, respostaDeEntregas } from './entregas.ts';
import {
  consultaDeIndicador,
  indicadoresEm,
  listaDeIndicadores,
  propostasEm,
  resolve,
  resposta,
  respostaDeIndicador,
} from './indicadores.ts';
import { csvDeIndicador, csvDeIndicadores } from './indicadores-csv.ts';
import { comFormato, daGeracao, enderecoDaProxima, envia, formatoDe, type Leitura, lida } from './leitura.ts';
import { marcaDoValor } from './marca.ts';
import {
  consultaDeMetricas,
  csvDeMetricas,
  lePorMes,
  pedidoDe,
  respostaDasMetricas,
  respostaDeMetricas,
} from './metricas.ts';

const porCliente = z.object({ cliente: z.string().min(1).max(64) });
const POR_CPF = 'Papel: consulta. Por CPF, CNPJ (com ou sem pontuação) ou id.';

/**
 * A client's state as kept, by its own bytes: where the shard stands says too much, for it moves with every other client.
 * @throws ErroHttp CLIENTE_NAO_ENCONTRADO
 */
async function fonteDoCliente(leitura: Leitura, id: string) {
  const gravado = await leitura.gravado(id);
  if (gravado === null) throw new ErroHttp('CLIENTE_NAO_ENCONTRADO', 'nenhuma interação deste cliente foi recebida');
  const versao = marcaDoValor(gravado);
  return { versao, le: async () => ({ versao, valor: decodificaEstado(gravado) }) };
}

function rotaDeCliente({ app, exigeQuem }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/clientes/:cliente',
    schema: {
      tags: ['clientes'],
      summary: 'A situação de um cliente, ano a ano',
      description: POR_CPF,
      params: porCliente,
      querystring: z.strictObject(comFormato),
      lida: true,
      response: { 200: respostaDeCliente, ...RECUSAS, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, CONSULTA),
    handler: async (request, reply) => {
      const dependencias = exigeQuem(request, CONSULTA);
      const formato = formatoDe(request.query.formato, request.headers.accept);
      const id = idDeAgora(request.params.cliente, dependencias);
      const feita = await daGeracao(dependencias, async (leitura) => {
        const como = { partes: [leitura.origem, id], formato, numeros: false };
        return lida(request, await fonteDoCliente(leitura, id), como, (estado) => {
          const corpo = situacao(id, estado, leitura.rulebooks);
          return { json: () => corpo, csv: () => csvDaSituacao(corpo) };
        });
      });
      return envia(reply, formato, 'cliente', feita);
    },
  });
}

function rotaDeEntregas({ app, exigeQuem }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/clientes/:cliente/entregas',
    schema: {
      tags: ['clientes'],
      summary: 'As interações de um cliente que contam, cada uma com sua cláusula',
      description: `${POR_CPF} As repetidas e as estornadas também; as que nunca contam só têm número, em outrasMetricas.`,
      params: porCliente,
      querystring: consultaDeEntregas,
      lida: true,
      response: { 200: respostaDeEntregas, ...RECUSAS, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, CONSULTA),
    handler: async (request, reply) => {
      const dependencias = exigeQuem(request, CONSULTA);
      const { query } = request;
      const formato = formatoDe(query.formato, request.headers.accept);
      const id = idDeAgora(request.params.cliente, dependencias);
      const feita = await daGeracao(dependencias, async (leitura) => {
        const como = { partes: [leitura.origem, id, JSON.stringify(query)], formato, numeros: false };
        return lida(request, await fonteDoCliente(leitura, id), como, (estado) => {
          const corpo = entregasDoCliente(id, estado, leitura.rulebooks, query);
          // By the id, whatever stood in the address: that may be a CPF.
          const proximo = enderecoDaProxima(`/v1/clientes/${id}/entregas`, request.url, corpo.proximo);
          return { json: () => ({ ...corpo, proximo }), csv: () => csvDeEntregas(corpo), proximo };
        });
      });
      return envia(reply, formato, 'cliente', feita);
    },
  });
}

function rotaDosIndicadores({ app, exigeQuem, agora }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/indicadores',
    schema: {
      tags: ['indicadores'],
      summary: 'Os indicadores em vigor',
      description: 'Papel: consulta ou bi.',
      querystring: z.strictObject(comFormato),
      lida: true,
      response: { 200: listaDeIndicadores, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request, reply) => {
      const formato = formatoDe(request.query.formato, request.headers.accept);
      const feita = await daGeracao(exigeQuem(request, NUMEROS), async ({ rulebooks, origem }) => {
        const corpo = indicadoresEm(rulebooks, agora());
        const versao = marcaDoValor(JSON.stringify(corpo));
        const fonte = { versao, le: async () => ({ versao, valor: corpo }) };
        return lida(request, fonte, { partes: [origem, 'indicadores'], formato, numeros: true }, (valor) => {
          return { json: () => valor, csv: () => csvDeIndicadores(valor) };
        });
      });
      return envia(reply, formato, 'numeros', feita);
    },
  });
}

type Numeros = Awaited<ReturnType<Leitura['indicador']>>;

/** Two of them as one source. @param antes null: not asked for */
function ambos(estes: Numeros, antes: Numeros | null) {
  const le = async () => {
    const [a, b] = await Promise.all([estes.le(), antes === null ? null : antes.le()]);
    return { versao: `${a.versao};${b?.versao}`, valor: { estes: a.valor, antes: b?.valor ?? null } };
  };
  return { versao: `${estes.versao};${antes?.versao}`, le };
}

function rotaDeIndicador({ app, exigeQuem, agora }: Contexto): void {
  app.route({
    method: 'GET',
    url: '/v1/indicadores/:codigo',
    schema: {
      tags: ['indicadores'],
      summary: 'Clientes e atendimentos de um indicador, com seus cortes',
      description: 'Papel: consulta ou bi.',
      params: z.object({ codigo: z.string().min(1).max(512) }),
      querystring: consultaDeIndicador,
      lida: true,
      response: { 200: respostaDeIndicador, ...RECUSAS, 404: problema },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request, reply) => {
      const { query, params } = request;
      const formato = formatoDe(query.formato, request.headers.accept);
      const feita = await daGeracao(exigeQuem(request, NUMEROS), async (leitura) => {
        const { rulebooks, origem } = leitura;
        const pedido = resolve(params.codigo, query, rulebooks, agora());
        const { codigo, periodo, anterior } = pedido;
        const [estes, antes] = await Promise.all([
          leitura.indicador(codigo, periodo),
          anterior === null ? null : leitura.indicador(codigo, anterior.periodo),
        ]);
        const como = { partes: [origem, codigo, periodo, JSON.stringify(query)], formato, numeros: true };
        return lida(request, ambos(estes, antes), como, (contadores) => {
          const corpo = resposta(pedido, contadores.estes, contadores.antes, propostasEm(rulebooks, periodo));
          return { json: () => corpo, csv: () => csvDeIndicador(corpo) };
        });
      });
      return envia(reply, formato, 'numeros', feita);
    },
  });
}

function rotaDeMetricas({ app, exigeQuem, agora }: Contexto): void {
  const caminho = '/v1/metricas';
  app.route({
    method: 'GET',
    url: caminho,
    schema: {
      tags: ['métricas'],
      summary: 'Interações por métrica, motivo, tipo, unidade, canal, dia e mês',
      description: 'Papel: consulta ou bi. Cada interação conta uma vez, as que não contabilizam também.',
      querystring: consultaDeMetricas,
      lida: true,
      response: { 200: respostaDeMetricas, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, NUMEROS),
    handler: async (request, reply) => {
      const { query } = request;
      const formato = formatoDe(query.formato, request.headers.accept);
      const pedido = pedidoDe(query, agora());
      const { periodo, meses } = pedido;
      const feita = await daGeracao(exigeQuem(request, NUMEROS), async (leitura) => {
        const partes = [leitura.origem, 'metricas', periodo.de, periodo.ate, JSON.stringify(query)];
        return lida(request, await lePorMes(leitura, meses), { partes, formato, numeros: true }, (porMes) => {
          const corpo = respostaDasMetricas(query, pedido, porMes, leitura.rulebooks);
          // Today may be another day by the next page.
          const proximo = enderecoDaProxima(caminho, request.url, corpo.proximo, { ...periodo });
          return { json: () => ({ ...corpo, proximo }), csv: () => csvDeMetricas(corpo), proximo };
        });
      });
      return envia(reply, formato, 'numeros', feita);
    },
  });
}

/** All that is read from the state: each answer from one generation, with its tag, as JSON or CSV. */
export function rotasDeLeitura(contexto: Contexto): void {
  rotaDeCliente(contexto);
  rotaDeEntregas(contexto);
  rotaDosIndicadores(contexto);
  rotaDeIndicador(contexto);
  rotaDeMetricas(contexto);
}
