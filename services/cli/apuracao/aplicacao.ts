import type { Apuracao } from '#domain/apuracao.ts';
import { registroDaApuracao } from '#platform/apuracoes.ts';
import { CodedError } from '#platform/errors.ts';
import { Geracoes } from '#platform/estado/geracoes.ts';
import { falha } from '#platform/falhas.ts';
import { fimDe, finsDoLog } from '#platform/fins-do-log.ts';
import type { Producer } from '#platform/kafka/port.ts';
import { Postas } from '#platform/quarentena/postas.ts';
import { comExclusividade } from '#platform/quarentena/reenvio.ts';
import { Construtor, distancia } from '#platform/reconstrucao/construtor.ts';
import { confereApuracao, exigeQueNadaGuarde, geracaoNova } from '#platform/reconstrucao/escolha.ts';
import { reconstroiComTrava } from '#platform/reconstrucao/reconstrucao.ts';
import { comTrava } from '#platform/reconstrucao/trava.ts';
import { PresenceStore } from '../../consolidator/store.ts';
import { confereNome } from '../reprocessamento.ts';
import { Derivacao } from './derivacao.ts';
import type { Aplicacao, EmCurso, OpcoesDaAplicacao, PartesDaAplicacao, Pedido } from './em-curso.ts';
import { ATE_VIGORAR_MS, desiste, poeEmVigor } from './vigencia.ts';

/** Under this name the command writes all that it derives: a second one that begins ends the first. */
const NOME = 'atendido-reprocess';
/** Offsets behind from which the rest is a matter of moments. */
const PERTO = 2_000;
const RODADAS = 20;
/** How often the rest is tried, where it takes too long. */
const TENTATIVAS = 3;

/** Gives up what was begun by one that was killed. */
async function abandonaInacabadas({ seguidas }: PartesDaAplicacao, producer: Producer): Promise<void> {
  const inacabadas = seguidas.apuracoes
    .todas()
    .filter(({ estado }) => estado === 'em-preparo' || estado === 'anunciada');
  await producer.send(inacabadas.map(({ numero }) => seguidas.mudanca(numero, 'abandonada')));
}

/** An order to forget somebody that has not ended is of the apuração in force, and ends in it. */
function exigeQueNinguemEspere({ apuracoes, esquecimentos }: PartesDaAplicacao['seguidas']): void {
  const inacabados = esquecimentos.inacabados(apuracoes.emVigor);
  if (inacabados.length === 0) return;
  const quais = inacabados.map(({ numero }) => numero).join(', ');
  const saida = 'o aggregator termina por si em instantes; nada mudou, repita depois';
  throw new CodedError('ESQUECIMENTO_INACABADO', `não acabou o esquecimento ${quais}: ${saida}`);
}

/** Writes down who applies what, before anything else. */
async function comeca(partes: PartesDaAplicacao, { desde, rulebook, yaml, por }: Pedido): Promise<Apuracao> {
  const { seguidas, gravadas } = partes;
  const { apuracoes } = seguidas;
  return comExclusividade(partes, async (producer) => {
    exigeQueNinguemEspere(seguidas);
    await abandonaInacabadas(partes, producer);
    const numero = Math.max(0, ...apuracoes.todas().map((a) => a.numero)) + 1;
    const limites = { interacoes: [], presencas: [] };
    const nova: Apuracao = {
      ...{ numero, base: apuracoes.emVigor, estado: 'em-preparo' },
      ...{ por, em: Date.now(), desde, versao: rulebook.versao, rulebook: () => rulebook, limites },
    };
    await producer.send([registroDaApuracao(gravadas, nova, yaml)]);
    await seguidas.caughtUp();
    return nova;
  });
}

/** Derives what there is, and builds the new state of it, until little is left of both. */
async function aproxima(emCurso: EmCurso, construtor: Construtor): Promise<void> {
  const { partes, opcoes, derivacao, confere } = emCurso;
  for (let rodada = 0; rodada < RODADAS; rodada += 1) {
    const fins = await finsDoLog(partes.admin);
    const total = derivacao.distancia(fins);
    await partes.follower.caughtUp();
    await derivacao.avanca(fins, () => {
      confere();
      opcoes.progresso?.('derivacao', total - derivacao.distancia(fins), total);
    });
    const doLivro = await fimDe(partes.admin, 'lancamentos');
    const porConstruir = distancia(construtor.posicoes, doLivro);
    await construtor.avanca(doLivro, () => {
      confere();
      opcoes.progresso?.('construcao', porConstruir - distancia(construtor.posicoes, doLivro), porConstruir);
    });
    falha('reprocesso:derivada');
    if (derivacao.distancia(await finsDoLog(partes.admin)) < PERTO) return;
  }
}

/** Whatever speaks against it, before anything is written. */
async function prepara(partes: PartesDaAplicacao, geracoes: Geracoes, pedido: Pedido): Promise<void> {
  await confereApuracao(partes);
  const { apuracoes } = partes.seguidas;
  const deMesmoNome = apuracoes.todas().filter(({ versao }) => versao === pedido.rulebook.versao);
  confereNome(pedido.rulebook, [...apuracoes.rulebooks(0).todos(), ...deMesmoNome.map((a) => a.rulebook())]);
  exigeQueNadaGuarde(await geracoes.situacao());
}

/** @returns how long nothing was decided, in milliseconds */
async function derivaEPoeEmVigor(emCurso: EmCurso): Promise<number> {
  const { partes, geracoes, apuracao, confere } = emCurso;
  try {
    const nova = await geracaoNova(geracoes, apuracao.numero, confere);
    const construtor = await Construtor.abre(partes, nova, partes.particoes);
    for (let tentativa = 0; tentativa < TENTATIVAS; tentativa += 1) {
      await aproxima(emCurso, construtor);
      const paradaMs = await poeEmVigor(emCurso);
      if (paradaMs !== null) return paradaMs;
    }
    const que = `o que chega durante ${ATE_VIGORAR_MS / 1000} s não se decide de novo em ${ATE_VIGORAR_MS / 1000} s`;
    throw new CodedError('REPROCESSAMENTO_LENTO', `${que}: repita com menos tráfego; nada mudou`);
  } catch (error) {
    await desiste(partes, apuracao.numero);
    throw error;
  }
}

async function trabalha(
  partes: PartesDaAplicacao,
  geracoes: Geracoes,
  pedido: Pedido,
  opcoes: OpcoesDaAplicacao,
  confere: () => void,
): Promise<Aplicacao> {
  const { kafka, redis, particoes, classifier, resolucoes } = partes;
  await prepara(partes, geracoes, pedido);
  const producer = await kafka.exclusive(NOME);
  try {
    const apuracao = await comeca(partes, pedido);
    const presencas = new PresenceStore(redis, apuracao.numero);
    const postas = new Postas(kafka, classifier.quarentenas, resolucoes);
    const derivacao = new Derivacao({ kafka, classifier, particoes, presencas, postas, producer }, apuracao);
    const emCurso: EmCurso = { partes, opcoes, geracoes, confere, apuracao, postas, derivacao };
    const paradaMs = await derivaEPoeEmVigor(emCurso);
    const troca = await reconstroiComTrava(partes, geracoes, { ...opcoes, por: pedido.por }, confere);
    const { registros, mudados } = derivacao;
    const { versao } = pedido.rulebook;
    const desde = new Date(pedido.desde).toISOString();
    return { apuracao: apuracao.numero, versao, desde, por: pedido.por, registros, mudados, paradaMs, troca };
  } finally {
    await producer.close();
  }
}

/**
 * Makes another rulebook decide what happened from an instant on, whenever it came: the history is decided anew beside
 * the line, which goes on; then the new decisions take the place of the old ones, in the ledger, in quarantine and in
 * the state that is served. Killed before that nothing has changed; killed after, the aggregator ends it.
 * @throws CodedError see docs/erros.md; RetryableError a server is away
 */
export async function aplica(
  partes: PartesDaAplicacao,
  pedido: Pedido,
  opcoes: OpcoesDaAplicacao = {},
): Promise<Aplicacao> {
  const geracoes = new Geracoes(partes.redis, () => partes.seguidas.apuracoes.emVigor);
  return comTrava(geracoes, (confere) => trabalha(partes, geracoes, pedido, opcoes, confere), {
    sinal: opcoes.sinal,
    aoEsperar: () => opcoes.progresso?.('espera', 0, null),
  });
}
