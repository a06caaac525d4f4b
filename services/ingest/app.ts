import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { Counter } from 'prom-client';
import type { Pseudonimizador } from '#domain/documento.ts';
import type { Interacao } from '#domain/interacao.ts';
import type { Disponibilizacao, Solucao } from '#domain/portfolio.ts';
import { leDisponibilizacao, leSolucao } from '#domain/portfolio-esquema.ts';
import type { Codec } from '#platform/codec.ts';
import type { Papel } from '#platform/credenciais/permissoes.ts';
import type { CredenciaisSeguidas } from '#platform/credenciais/tabela.ts';
import { antesDoCorpo, type Guarda, guarda } from '#platform/http/autenticacao.ts';
import { exigeUtf8 } from '#platform/http/charset.ts';
import { aceitaCompressao, codificacaoDe, JANELA_DE_ZSTD } from '#platform/http/compressao.ts';
import { deixaCorrer } from '#platform/http/conexao.ts';
import { quemDe } from '#platform/http/quem.ts';
import {
  EVENTO_JSON,
  LIMITES,
  LINHAS_JSON,
  LOTE_JSON,
  limiteDe,
  ROTAS_DE_ESCRITA,
  tipoDeConteudo,
} from '#platform/http/rotas-de-escrita.ts';
import { criaServidor, type OpcoesDoServidor, registraSaude, type Servidor } from '#platform/http/servidor.ts';
import { limitaVazao } from '#platform/http/vazao.ts';
import type { Kafka, Producer } from '#platform/kafka/port.ts';
import { sendingFor } from '#platform/tracing/http.ts';
import { recebe } from './eventos.ts';
import { recebeLinhas } from './fluxo.ts';
import { lePedido } from './leitura.ts';
import { grava } from './portfolio.ts';
import { rotasDeAcesso } from './rotas-de-acesso.ts';
import { rotasXapi } from './xapi/rotas.ts';

/** Bytes of all the bodies under way. */
const EM_ANDAMENTO = 100_663_296;

/** Bytes of an NDJSON that are in memory at a time: a line, and what was read and is being sent. */
const DE_UM_FLUXO = 4 * LIMITES.evento;

/** Bytes that a body may come to take: those it says, and where it does not, or comes compressed, its limit. */
function pesoDe(headers: IncomingHttpHeaders): number {
  const codificacao = codificacaoDe(headers['content-encoding']);
  const janela = codificacao === 'zstd' ? JANELA_DE_ZSTD : 0;
  const limite = limiteDe(tipoDeConteudo(headers['content-type']));
  if (!Number.isFinite(limite)) return DE_UM_FLUXO + janela;
  const dito = codificacao === 'identity' ? Number(headers['content-length'] ?? limite) : limite;
  return Math.min(dito, limite) + janela;
}

/** What ingest needs of the servers, once they answered. */
export interface Dependencias {
  credenciais: Pick<CredenciaisSeguidas, 'tabela' | 'caughtUp'>;
  /** For what names clients. */
  producer: Pick<Producer, 'send'>;
  /** For what names none: no change of key holds it up. */
  producerDoPortfolio: Pick<Producer, 'send'>;
  kafka: Pick<Kafka, 'exclusive'>;
  pseudonimo: Pseudonimizador;
  codecs: {
    interacoes: Pick<Codec<Interacao>, 'encode'>;
    solucoes: Pick<Codec<Solucao>, 'encode'>;
    disponibilizacoes: Pick<Codec<Disponibilizacao>, 'encode'>;
  };
}

export interface OpcoesDoIngest extends Omit<OpcoesDoServidor, 'bodyLimit'> {
  /** null while the servers are waited for. */
  dependencias: () => Dependencias | null;
}

const PRODUTOR: Papel[] = ['produtor'];
/** Whoever keeps a catalogue sends it: the system of record of the offers is often the producer itself. */
const PORTFOLIO: Papel[] = ['operacao', 'produtor'];

export type Exige = Guarda<Dependencias>;

/** Bodies of events are read here, not by the framework: one body may hold a thousand, each with its own answer. */
function rotaDeEventos(app: Servidor, { metricas }: OpcoesDoIngest, exigeQuem: Exige): void {
  const itens = new Counter({
    name: 'atendido_eventos_recebidos_total',
    help: 'Eventos recebidos, por estado e motivo da recusa',
    labelNames: ['estado', 'motivo'],
    registers: [metricas],
  });
  app.register(async (escopo: Servidor) => {
    escopo.removeAllContentTypeParsers();
    escopo.addContentTypeParser(LINHAS_JSON, (_request, corpo, pronto) => pronto(null, corpo));
    for (const tipo of [...EVENTO_JSON, LOTE_JSON]) {
      const bodyLimit = limiteDe(tipo);
      escopo.addContentTypeParser(tipo, { parseAs: 'buffer', bodyLimit }, (_request, corpo, pronto) =>
        pronto(null, corpo),
      );
    }
    escopo.route({
      ...ROTAS_DE_ESCRITA.eventos,
      validatorCompiler: () => () => true,
      onRequest: antesDoCorpo(exigeQuem, PRODUTOR),
      handler: async (request, reply) => {
        const { credencial, codecs, credenciais, ...resto } = exigeQuem(request, PRODUTOR);
        const producer = sendingFor(request, resto.producer);
        const recebimento = { ...resto, producer, codec: codecs.interacoes, credenciais: credenciais.tabela, itens };
        const corpo: unknown = request.body;
        reply.type('application/json; charset=utf-8');
        if (corpo instanceof Readable) {
          deixaCorrer(request.raw);
          const respostas = await recebeLinhas(corpo, recebimento, credencial);
          // A stream of what the schema says, which the types know no way to write.
          return reply.code(respostas.status).send(respostas.corpo as never);
        }
        const tipo = tipoDeConteudo(request.headers['content-type']);
        const pedido = lePedido(tipo, request.headers, Buffer.isBuffer(corpo) ? corpo : Buffer.alloc(0));
        const { status, corpo: resposta } = await recebe(pedido, recebimento, credencial);
        return reply.code(status).serializer(JSON.stringify).send(resposta);
      },
    });
  });
}

function rotasDePortfolio(app: Servidor, exigeQuem: Exige): void {
  const { solucao, disponibilizacao } = ROTAS_DE_ESCRITA;
  const onRequest = antesDoCorpo(exigeQuem, PORTFOLIO);
  app.route({
    ...solucao,
    onRequest,
    handler: async (request) => {
      const { codecs, producerDoPortfolio: producer, credencial } = exigeQuem(request, PORTFOLIO);
      const em = { topic: 'solucoes', codec: codecs.solucoes, producer } as const;
      return grava(request.params.id, leSolucao(request.body), quemDe(request, credencial), em);
    },
  });
  app.route({
    ...disponibilizacao,
    onRequest,
    handler: async (request) => {
      const { codecs, producerDoPortfolio: producer, credencial } = exigeQuem(request, PORTFOLIO);
      const em = { topic: 'disponibilizacoes', codec: codecs.disponibilizacoes, producer } as const;
      return grava(request.params.id, leDisponibilizacao(request.body), quemDe(request, credencial), em);
    },
  });
}

/** The door: everything that writes, over HTTP. Listens to nothing by itself. */
export function criaIngest(opcoes: OpcoesDoIngest): Servidor {
  const app = criaServidor({ ...opcoes, bodyLimit: LIMITES.evento });
  limitaVazao(app, EM_ANDAMENTO, pesoDe);
  exigeUtf8(app);
  aceitaCompressao(app);
  const exigeQuem = guarda(opcoes.dependencias);
  registraSaude(app, { ...opcoes, bodyLimit: LIMITES.evento });
  rotaDeEventos(app, opcoes, exigeQuem);
  rotasXapi(app, opcoes, exigeQuem);
  rotasDePortfolio(app, exigeQuem);
  rotasDeAcesso(app, exigeQuem);
  return app;
}
