import { randomBytes } from 'node:crypto';
import type { Esquecimento } from '#domain/esquecimento.ts';
import type { TrocaEmVigor } from '#domain/troca-de-chave.ts';
import type { ApuracoesSeguidas } from '../apuracoes.ts';
import { type Quem, registroDoAto } from '../atos.ts';
import { CodedError } from '../errors.ts';
import { falha } from '../falhas.ts';
import { finsDoLog, limitesDe } from '../fins-do-log.ts';
import type { Kafka, KafkaAdmin, OutputRecord, Producer } from '../kafka/port.ts';
import { comExclusividade } from '../quarentena/reenvio.ts';
import type { Resolucoes } from '../quarentena/resolucoes.ts';

export interface PartesDaOrdem {
  kafka: Kafka;
  admin: Pick<KafkaAdmin, 'offsets'>;
  seguidas: ApuracoesSeguidas;
  resolucoes: Resolucoes;
}

export interface PedidoDeEsquecimento {
  /** The client id the person has now. */
  titular: string;
  /** The change of key that was in force when the person was named. */
  nomeadoSob: TrocaEmVigor | null;
  quem: Quem;
}

const BYTES_DO_NOME = 16;

/** The client id of what somebody does after they were forgotten: nothing leads to it but the order. */
const nomeNovo = (): string => `pf:${randomBytes(BYTES_DO_NOME).toString('base64url')}`;

/** By how much a clock that is ahead may have an interaction happen after the record that tells of it was written. */
function tolerancia({ apuracoes }: ApuracoesSeguidas): number {
  const minutos = apuracoes.rulebooksEmVigor.todos().map(({ toleranciaFuturoMin }) => toleranciaFuturoMin);
  return Math.max(...minutos) * 60_000;
}

/** Of announcements of others who were killed; and of a rulebook that is being applied, which decides unaware of this. */
function retiradas({ apuracoes, esquecimentos, mudanca, ordem }: ApuracoesSeguidas): OutputRecord[] {
  const preparo = apuracoes.todas().filter(({ estado }) => estado === 'em-preparo' || estado === 'anunciada');
  const outros = esquecimentos.todos().filter(({ anunciado }) => anunciado);
  return [
    ...preparo.map(({ numero }) => mudanca(numero, 'abandonada')),
    ...outros.map((um) => ordem({ ...um, anunciado: false })),
  ];
}

async function poeEmVigor(
  { admin, seguidas }: PartesDaOrdem,
  nova: Esquecimento,
  quem: Quem,
  producer: Producer,
): Promise<void> {
  // A broker that does not answer is met before anybody is held up.
  await finsDoLog(admin);
  await producer.send(retiradas(seguidas));
  await producer.send([seguidas.ordem({ ...nova, anunciado: true })]);
  const anunciada = performance.now();
  falha('esquecimento:anunciado');
  await seguidas.caughtUp();
  const limites = limitesDe(await finsDoLog(admin));
  // No record before those ends tells of anything later, by the clock that stamped them: sent again behind them, it is
  // known for old.
  const agora = seguidas.relogio() + Math.ceil(performance.now() - anunciada);
  const desde = Math.max(agora, Date.now()) + tolerancia(seguidas);
  const feito = { ato: 'cliente-esquecido' as const, alvo: `esquecimento ${nova.numero}`, detalhe: {} };
  await producer.send([seguidas.ordem({ ...nova, anunciado: false, desde, limites }), registroDoAto(quem, feito)]);
  falha('esquecimento:em-vigor');
}

/**
 * Orders that a person be forgotten: holds decisions up, looks where the logs end, and has the order hold from there on.
 * What was decided unaware of it stands before those ends. One that was made before, and not ended, is that one.
 * @returns the order's number
 * @throws CodedError CHAVE_SUPERADA; RetryableError a server is away; asking again is safe
 */
export function ordena(partes: PartesDaOrdem, { titular, nomeadoSob, quem }: PedidoDeEsquecimento): Promise<number> {
  const { esquecimentos } = partes.seguidas;
  return comExclusividade(partes, async (producer) => {
    const antes = esquecimentos.doTitular(titular);
    if (antes?.desde != null) return antes.numero;
    // Under a name that nobody has any more the order would reach nothing that comes under the new one.
    if (esquecimentos.trocas.emVigor !== nomeadoSob) {
      throw new CodedError('CHAVE_SUPERADA', 'a CLIENT_ID_KEY foi trocada durante o pedido; peça de novo');
    }
    const numero = antes?.numero ?? Math.max(0, ...esquecimentos.todos().map((um) => um.numero)) + 1;
    const limites = { interacoes: [], presencas: [] };
    const nova: Esquecimento = {
      ...{ numero, titular, nome: antes?.nome ?? nomeNovo(), por: quem.quem, em: Date.now(), anunciado: false },
      ...{ desde: null, limites, fechamentos: [] },
    };
    await poeEmVigor(partes, nova, quem, producer);
    return numero;
  });
}
