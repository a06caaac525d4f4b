import { Apuracoes } from '#domain/apuracao.ts';
import { Esquecimentos } from '#domain/esquecimento.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import type { ApuracoesSeguidas } from '#platform/apuracoes.ts';

/** As where no rulebook was ever applied to the past, without a topic that says so. */
export function semApuracoes(
  rulebooks: Rulebooks,
): Pick<ApuracoesSeguidas, 'apuracoes' | 'esquecimentos' | 'caughtUp' | 'paraDecidir'> {
  return {
    apuracoes: new Apuracoes(rulebooks),
    esquecimentos: new Esquecimentos(),
    caughtUp: async () => {},
    paraDecidir: async () => {},
  };
}
