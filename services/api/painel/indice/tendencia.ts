import { diaDe } from '#domain/tempo.ts';

const DIA_MS = 86_400_000;
/** How far back the trend goes. */
const DIAS = 14;

/** The days of the trend, the last one today, in America/Sao_Paulo. @param agora ms since the epoch */
export function diasDaTendencia(agora: number): string[] {
  return Array.from({ length: DIAS }, (_, n) => diaDe(agora - (DIAS - 1 - n) * DIA_MS));
}

/** How many records each reason set aside, by day: of the last days alone, however many they are. */
export class Tendencia {
  readonly #porDia = new Map<string, Map<string, number>>();

  /** @param vezes −1: the log has it no more */
  conta(motivo: string, postaEm: number, vezes: 1 | -1 = 1): void {
    const dia = diaDe(postaEm);
    const doDia = this.#porDia.get(dia) ?? new Map<string, number>();
    doDia.set(motivo, Math.max(0, (doDia.get(motivo) ?? 0) + vezes));
    this.#porDia.set(dia, doDia);
    if (this.#porDia.size > 2 * DIAS) this.#poda();
  }

  #poda(): void {
    const fora = [...this.#porDia.keys()].sort().slice(0, -DIAS);
    for (const dia of fora) this.#porDia.delete(dia);
  }

  /** By reason, a number for each day. */
  de(dias: readonly string[]): Map<string, number[]> {
    const motivos = new Set(dias.flatMap((dia) => [...(this.#porDia.get(dia)?.keys() ?? [])]));
    const dela = (motivo: string) => dias.map((dia) => this.#porDia.get(dia)?.get(motivo) ?? 0);
    return new Map([...motivos].map((m): [string, number[]] => [m, dela(m)]).filter(([, ns]) => ns.some((n) => n > 0)));
  }
}
