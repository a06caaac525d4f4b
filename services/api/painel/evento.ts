import { z } from 'zod';
import { campoComCpf } from '#domain/cpf-em-texto.ts';
import { interacaoSem } from '#domain/esquecimento.ts';
import { eventoComPessoas } from '#domain/evento-conhecido.ts';
import { antesDoCorpo } from '#platform/http/autenticacao.ts';
import { ErroHttp } from '#platform/http/erros.ts';
import { iniciando } from '#platform/http/traduz.ts';
import { murmur2Partition } from '#platform/kafka/partitioner.ts';
import { type Procura, procuraNoLog } from '#platform/procura-no-log.ts';
import { ensaiaInteracao } from '#platform/quarentena/ensaio.ts';
import { semCpf } from '#platform/quarentena/visivel.ts';
import { CONSULTA } from '../contexto.ts';
import { umDeCadaVez } from './fila.ts';
import { comNomes } from './indice/esquecidos.ts';
import type { ContextoDoPainel } from './rotas.ts';

const texto = z.string().min(1).max(512);
const CONSULTA_DO_EVENTO = z.strictObject({ cliente: texto, source: texto, id: texto, time: z.iso.datetime() });
/** Somebody waits for it. */
const PRAZO_MS = 5_000;
/** The most that wait for their turn. */
const NA_FILA = 5;

/** An event of the log, in JSON, persons by their ids. */
export interface EventoDoLog {
  evento: object;
}

/** One event of a client's history, from the log: to see why it counted. One search at a time. */
export function registraEvento({ app, exigeQuem }: ContextoDoPainel): void {
  const emFila = umDeCadaVez(NA_FILA);
  app.get('/painel/dados/evento', {
    schema: { hide: true, querystring: CONSULTA_DO_EVENTO },
    onRequest: antesDoCorpo(exigeQuem, CONSULTA),
    handler: async (request, reply): Promise<EventoDoLog> => {
      const { quarentena: partes, apuracoes, esquecimentos } = exigeQuem(request, CONSULTA);
      if (partes === undefined) throw iniciando();
      const { cliente, source, id, time } = request.query;
      reply.header('cache-control', 'no-store');
      const tolerancia = Math.max(...apuracoes.rulebooksEmVigor.todos().map((r) => r.toleranciaFuturoMin)) * 60_000;
      // The first copy that was not set aside is the one that was decided.
      const serve: Procura['serve'] = (interacao, onde, gravadaEm) =>
        !esquecimentos.trocas.superada(onde, interacao) &&
        ensaiaInteracao(partes, interacao, gravadaEm).resultado !== 'quarentena';
      const { achada, inteiro } = await emFila(async () => {
        // Nobody waits for it any more.
        if (request.raw.destroyed) return { achada: null, inteiro: false };
        const provavel = murmur2Partition(cliente, await partes.admin.partitionCount('interacoes'));
        const limite = performance.now() + PRAZO_MS;
        return procuraNoLog(partes, { source, id, desde: Date.parse(time) - tolerancia, provavel, limite, serve });
      });
      if (achada === null) {
        const onde = inteiro ? 'não está no log' : 'veio muito depois de acontecer, e procurá-lo demoraria demais';
        throw new ErroHttp('EVENTO_NAO_ENCONTRADO', `o evento ${onde}; cole-o em "Por que contou?"`);
      }
      const { interacao, ...lugar } = achada;
      const derivadaPor = apuracoes.derivadaPor(interacao.source);
      // Of who was forgotten since, nothing is told.
      const origem = { ...lugar, derivadaPor, naLinha: apuracoes.emVigor };
      const visivel = interacaoSem(esquecimentos.ve(origem, interacao));
      // Nor inside of an id: a derived participation has its person there.
      const nome = (pf: string): string | null => {
        const cliente = { pf, pj: null, naoIdentificado: null };
        return (
          interacaoSem(esquecimentos.ve(origem, { ...interacao, cliente, participantes: null })).cliente?.pf ?? null
        );
      };
      const evento = comNomes(eventoComPessoas(visivel), nome);
      // What came past the door may have a CPF somewhere; of what came by it digits that only look like one are ids.
      return { evento: campoComCpf(visivel) === null ? evento : semCpf(evento) };
    },
  });
}
