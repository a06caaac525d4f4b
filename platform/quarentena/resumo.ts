import { diaDe } from '#domain/tempo.ts';
import { ehDaQueVigora } from './reenvio.ts';
import { type EmQuarentena, leLote, TOPICO_DA_QUARENTENA } from './registros.ts';
import type { PartesDaQuarentena } from './selecao.ts';

/** One reason: how many wait for it, and how many it set aside of late. */
export interface MotivoEmResumo {
  motivo: string;
  esperam: number;
  /** Of those that wait, how many somebody corrected. */
  corrigidas: number;
  /** Set aside on each day of {@link Resumo.dias}, also what has been put back since. */
  porDia: number[];
}

/** The quarantine at a glance. */
export interface Resumo {
  esperam: number;
  /** Calendar days in America/Sao_Paulo, the last one today. */
  dias: string[];
  /** Those with the most waiting first. */
  motivos: MotivoEmResumo[];
}

const DIA_MS = 86_400_000;
/** How far back the trend goes. */
const DIAS = 14;

/** What became of a record of the apuração in force. */
export type Estado = 'espera' | 'corrigida' | 'reenviada';

/** Sums up records one by one. */
export class Resumidor {
  readonly #dias: string[];
  readonly #porMotivo = new Map<string, MotivoEmResumo>();

  /** @param agora ms since the epoch */
  constructor(agora: number) {
    this.#dias = Array.from({ length: DIAS }, (_, n) => diaDe(agora - (DIAS - 1 - n) * DIA_MS));
  }

  #do(motivo: string): MotivoEmResumo {
    const novo = { motivo, esperam: 0, corrigidas: 0, porDia: this.#dias.map(() => 0) };
    const um = this.#porMotivo.get(motivo) ?? novo;
    this.#porMotivo.set(motivo, um);
    return um;
  }

  toma({ postaEm, registro: { motivo } }: Pick<EmQuarentena, 'postaEm'> & { registro: { motivo: string } }, e: Estado) {
    const dia = this.#dias.indexOf(diaDe(postaEm));
    if (dia < 0 && e === 'reenviada') return;
    const um = this.#do(motivo);
    if (dia >= 0) um.porDia[dia] = (um.porDia[dia] ?? 0) + 1;
    if (e === 'reenviada') return;
    um.esperam += 1;
    if (e === 'corrigida') um.corrigidas += 1;
  }

  resumo(): Resumo {
    const motivos = [...this.#porMotivo.values()];
    motivos.sort((a, b) => b.esperam - a.esperam || (a.motivo < b.motivo ? -1 : 1));
    return { esperam: motivos.reduce((soma, m) => soma + m.esperam, 0), dias: this.#dias, motivos };
  }
}

/** Sums up all that was set aside under the apuração in force; reads the whole topic. @throws RetryableError */
export async function resume(partes: PartesDaQuarentena, agora: number): Promise<Resumo> {
  const { resolucoes, apuracoes, kafka, quarentenas } = partes;
  await resolucoes.atualiza();
  const resumidor = new Resumidor(agora);
  const estadoDe = (id: string): Estado => {
    if (resolucoes.resolvida(id)) return 'reenviada';
    return (resolucoes.de(id)?.correcao ?? null) === null ? 'espera' : 'corrigida';
  };
  await kafka.readToEnd(TOPICO_DA_QUARENTENA, {
    onBatch: async (lote) => {
      for (const um of await leLote(quarentenas, lote)) {
        if (ehDaQueVigora(um, apuracoes)) resumidor.toma(um, estadoDe(um.id));
      }
    },
  });
  return resumidor.resumo();
}
