import { randomBytes } from 'node:crypto';
import { cloudEvent } from '#domain/evento.ts';
import { PAPEIS, type Papel } from '#platform/credenciais/permissoes.ts';
import { antesDoCorpo, guarda } from '#platform/http/autenticacao.ts';
import { exigeUtf8 } from '#platform/http/charset.ts';
import { COM_DADOS } from '#platform/http/rotas-de-escrita.ts';
import { criaServidor, type OpcoesDoServidor, registraSaude, type Servidor } from '#platform/http/servidor.ts';
import { type Contexto, type Dependencias, RECUSAS } from './contexto.ts';
import { ensaia, listaDeMotivos, motivos, respostaDeDecisao } from './decisoes.ts';
import { documenta } from './documento.ts';
import { encaminhaEscrita } from './encaminha.ts';
import { rotasDeEsquecimento } from './esquecimentos.ts';
import { registraPainel } from './painel/rotas.ts';
import { porSessao, Sessoes } from './painel/sessao.ts';
import { rotasDeLeitura } from './rotas-de-leitura.ts';

const BODY_LIMIT = 2_097_152;

export interface OpcoesDaApi extends Omit<OpcoesDoServidor, 'bodyLimit'> {
  /** null while the servers are waited for. */
  dependencias: () => Dependencias | null;
  /** Where the write calls go. */
  ingestUrl: string;
  /** Milliseconds since the epoch. */
  agora?: () => number;
  /** Seals the sessions of the panel (32 bytes); default: one that dies with the process. */
  chaveDasSessoes?: Buffer;
}

const ENSAIO: Papel[] = ['produtor', 'consulta', 'operacao'];
function rotasDeDecisao({ app, exigeQuem, agora }: Contexto): void {
  const tags = ['decisões'];
  app.route({
    method: 'POST',
    url: '/v1/decisoes',
    schema: {
      tags,
      summary: 'Ensaia a decisão de um evento, sem guardar nada',
      description:
        'Papel: produtor, consulta ou operacao. Diz o que aconteceria, por qual cláusula, e cada teste feito.',
      body: cloudEvent,
      consumes: ['application/json', 'application/cloudevents+json'],
      response: { 200: respostaDeDecisao, ...COM_DADOS },
    },
    validatorCompiler: () => () => true,
    onRequest: antesDoCorpo(exigeQuem, ENSAIO),
    handler: async (request) => {
      const { portfolio, apuracoes, pseudonimo, credencial } = exigeQuem(request, ENSAIO);
      await portfolio.caughtUp();
      const rulebooks = apuracoes.rulebooksEmVigor;
      const ensaio = { rulebooks, portfolio: portfolio.portfolio, pseudonimo, credencial, agora: agora() };
      return ensaia(request.body, ensaio);
    },
  });
  app.route({
    method: 'GET',
    url: '/v1/motivos',
    schema: {
      tags,
      summary: 'Todos os motivos de decisão, por extenso',
      description: 'Qualquer papel.',
      response: { 200: listaDeMotivos, ...RECUSAS },
    },
    onRequest: antesDoCorpo(exigeQuem, PAPEIS),
    handler: async () => motivos(),
  });
}

/** The front door: answers what is asked, forwards what is sent. Listens to nothing by itself. */
export async function criaApi(opcoes: OpcoesDaApi): Promise<Servidor> {
  const app = criaServidor({ ...opcoes, bodyLimit: BODY_LIMIT });
  const parser = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/cloudevents+json', { parseAs: 'string' }, parser);
  exigeUtf8(app);
  await documenta(app);
  const { dependencias, agora = Date.now, chaveDasSessoes = randomBytes(32) } = opcoes;
  const sessoes = new Sessoes(chaveDasSessoes, agora);
  const exigeQuem = guarda(dependencias, porSessao(sessoes));
  const contexto = { app, exigeQuem, agora };
  registraSaude(app, { ...opcoes, bodyLimit: BODY_LIMIT });
  rotasDeLeitura(contexto);
  rotasDeDecisao(contexto);
  rotasDeEsquecimento(app, contexto.exigeQuem);
  encaminhaEscrita(app, opcoes.ingestUrl);
  registraPainel({ app, exigeQuem, dependencias, sessoes });
  return app;
}
