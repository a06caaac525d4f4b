import { type Apuracao, Apuracoes, ESTADOS_DA_APURACAO, type EstadoDaApuracao } from '#domain/apuracao.ts';
import { type Esquecimento, Esquecimentos } from '#domain/esquecimento.ts';
import type { Rulebook } from '#domain/rulebook.ts';
import { type Codec, codecFor } from './codec.ts';
import type { ApuracaoGravada } from './codec-types.ts';
import { RetryableError } from './errors.ts';
import { esquecimentoDe, registroDoEsquecimento, TOPICO_DOS_ESQUECIMENTOS } from './esquecimentos.ts';
import { followRecords } from './followed.ts';
import { type InputRecord, type Kafka, NO_HEADERS, type OutputRecord } from './kafka/port.ts';
import type { Registry } from './registry.ts';
import { leRulebook, loadRulebooks } from './rulebooks.ts';
import { KEY_CHANGES_TOPIC } from './topics.ts';
import { LeituraDasTrocas } from './trocas.ts';

export const TOPICO_DAS_APURACOES = 'apuracoes';

/** What is known of the apurações and of who is to be forgotten, and following: by whom and as whose a record is decided. */
export interface ApuracoesSeguidas {
  readonly apuracoes: Apuracoes;
  readonly esquecimentos: Esquecimentos;
  /** Resolves when whatever was said before the call is in the two. @throws RetryableError a server is away */
  caughtUp(): Promise<void>;
  /**
   * The same, and no apuração is about to take the place of the one in force, nor is anybody about to be forgotten: what is decided now is decided so.
   * @throws RetryableError also while one is announced
   */
  paraDecidir(): Promise<void>;
  /** The record by which an order to forget comes to where it is said to be, now. */
  ordem(um: Omit<Esquecimento, 'em'>): OutputRecord;
  /** Whether the record that would put a change of key in force can be read by whoever has read as far. */
  leriaTroca(registro: OutputRecord): boolean;
  /** What the broker's clock said (ms) when the latest of these records was written. */
  relogio(): number;
  /** The record by which an apuração comes to another state, now. */
  mudanca(numero: number, estado: EstadoDaApuracao, limites?: Apuracao['limites']): OutputRecord;
  stop(): Promise<void>;
}

const MARCA = 'atendido-apuracao';

/** The headers of a lot of an apuração's entries: whoever builds another one's state need not even decode it. */
export function marcaDoLote(apuracao: number): Record<string, string> {
  return apuracao === 0 ? {} : { [MARCA]: String(apuracao) };
}

/** Which apuração's entries a lot holds. */
export function apuracaoDoLote({ headers }: Pick<InputRecord, 'headers'>): number {
  return headers === NO_HEADERS ? 0 : Number(headers[MARCA]?.toString() ?? 0);
}

/** On what was decided when an apuração was made, and not when the record came: which apuração. */
export const REDECIDIDA = 'atendido-redecidida';

/** On a participation that an apuração derived of presences from before it, and on its decision: which apuração. */
export const RECONSOLIDADA = 'atendido-reconsolidada';

/** Whether a decision tells of the past, and not of something that has just come. */
export const ehDoPassado = ({ headers }: Pick<InputRecord, 'headers'>): boolean =>
  headers[REDECIDIDA] !== undefined || headers[RECONSOLIDADA] !== undefined;

/** The record that says where an apuração stands. @param yaml its rulebook's file as it was given */
export function registroDaApuracao(codec: Codec<ApuracaoGravada>, apuracao: Apuracao, yaml: string): OutputRecord {
  const { rulebook: _, limites, ...resto } = apuracao;
  const value = codec.encode({ ...resto, ...limites, rulebook: yaml });
  return { topic: TOPICO_DAS_APURACOES, key: String(apuracao.numero), value };
}

function apuracaoDe({ rulebook: yaml, interacoes, presencas, ...resto }: ApuracaoGravada): Apuracao {
  const { numero, versao, estado } = resto;
  if (!ESTADOS_DA_APURACAO.includes(estado)) throw new Error(`a apuração ${numero} está '${estado}'`);
  let lido: Rulebook | undefined;
  const rulebook = (): Rulebook => {
    lido ??= leRulebook(yaml, `apuração ${numero}, rulebook ${versao}`);
    return lido;
  };
  return { ...resto, rulebook, limites: { interacoes, presencas } };
}

/**
 * Loads what there is of apurações, over the project's own rulebooks, and goes on following it.
 * @throws CodedError RULEBOOK_INVALIDO of those that decide now
 */
export async function followApuracoes(kafka: Pick<Kafka, 'follow'>, registry: Registry): Promise<ApuracoesSeguidas> {
  const [base, codec, ordens] = await Promise.all([
    loadRulebooks(),
    codecFor(registry, TOPICO_DAS_APURACOES),
    codecFor(registry, TOPICO_DOS_ESQUECIMENTOS),
  ]);
  const apuracoes = new Apuracoes(base);
  const esquecimentos = new Esquecimentos();
  const trocas = new LeituraDasTrocas(esquecimentos.trocas);
  const textos = new Map<number, string>();
  let relogio = 0;
  const followed = await followRecords(kafka, [TOPICO_DAS_APURACOES, TOPICO_DOS_ESQUECIMENTOS, KEY_CHANGES_TOPIC], {
    prepare: async (arrived) => {
      const por = Map.groupBy(arrived, ({ topic }) => topic);
      const valores = (topic: string) => (por.get(topic) ?? []).map(({ record }) => record.value);
      await codec.prepareIds(valores(TOPICO_DAS_APURACOES));
      await ordens.prepareIds(valores(TOPICO_DOS_ESQUECIMENTOS));
    },
    apply: ({ topic, record }) => {
      relogio = Math.max(relogio, record.timestamp);
      // Deleted by hand, as a compacted topic has it: whoever saw it goes on knowing it.
      if (record.value === null) return;
      if (topic === KEY_CHANGES_TOPIC) {
        trocas.recebe(record);
        return;
      }
      if (topic === TOPICO_DOS_ESQUECIMENTOS) {
        esquecimentos.registra(esquecimentoDe(ordens.decodeSync(record.value)));
        return;
      }
      const gravada = codec.decodeSync(record.value);
      apuracoes.registra(apuracaoDe(gravada));
      textos.set(gravada.numero, gravada.rulebook);
    },
  });
  // Before anything is decided.
  apuracoes.rulebooks(apuracoes.emVigor);
  return {
    apuracoes,
    esquecimentos,
    ...followed,
    leriaTroca: (registro) => trocas.leria(registro),
    relogio: () => relogio,
    ordem: (um) => registroDoEsquecimento(ordens, { ...um, em: Date.now() }),
    mudanca(numero, estado, limites) {
      const [apuracao, texto] = [apuracoes.de(numero), textos.get(numero)];
      if (apuracao === undefined || texto === undefined) throw new Error(`não se sabe da apuração ${numero}`);
      const nova = { ...apuracao, estado, em: Date.now(), limites: limites ?? apuracao.limites };
      return registroDaApuracao(codec, nova, texto);
    },
    async paraDecidir() {
      await followed.caughtUp();
      const { anunciada } = apuracoes;
      if (anunciada !== null) throw new RetryableError(`a apuração ${anunciada.numero} está para entrar em vigor`);
      if (esquecimentos.anunciado !== null) throw new RetryableError('um esquecimento está para entrar em vigor');
      if (esquecimentos.trocas.anunciada !== null)
        throw new RetryableError('uma troca de chave está para entrar em vigor');
    },
  };
}
