import { apuracaoDaGeracao } from '../estado/chaves.ts';
import { Geracoes } from '../estado/geracoes.ts';
import {
  limpa,
  type OpcoesDaReconstrucao,
  type PartesDaReconstrucao,
  type Reconstrucao,
  reconstroiComTrava,
} from './reconstrucao.ts';
import { comTrava } from './trava.ts';

type PartesDoOlhar = Pick<PartesDaReconstrucao, 'redis' | 'seguidas'>;

const geracoesDe = ({ redis, seguidas }: PartesDoOlhar) => new Geracoes(redis, () => seguidas.apuracoes.emVigor);

/**
 * What the end of an application left undone in this Redis: the state served is of an apuração that is no longer in
 * force (`superada`), or one such is kept beside it (`sobra`). An application that is under way holds the lock meanwhile.
 * @returns null: nothing
 * @throws RetryableError
 */
export async function pendenciaDaApuracao(partes: PartesDoOlhar): Promise<'superada' | 'sobra' | null> {
  await partes.seguidas.caughtUp();
  const { emVigor } = partes.seguidas.apuracoes;
  const { viva, anterior } = await geracoesDe(partes).situacao();
  if (apuracaoDaGeracao(viva) !== emVigor) return 'superada';
  return anterior !== null && apuracaoDaGeracao(anterior) !== emVigor ? 'sobra' : null;
}

/**
 * Ends in this Redis what an application, or the Redis itself, left undone: the application was killed, or Redis went
 * back over its end. Whoever finds the lock held waits for it, and finds nothing left to do.
 * @returns null: the state served is of the apuração in force already
 * @throws CodedError see docs/erros.md; RetryableError a server is away; both leave what was done where it is, to go on
 */
export async function poeEmDia(
  partes: PartesDaReconstrucao,
  opcoes: Pick<OpcoesDaReconstrucao, 'sinal'> = {},
): Promise<Reconstrucao | null> {
  const geracoes = geracoesDe(partes);
  return comTrava(
    geracoes,
    async (confere) => {
      const pendencia = await pendenciaDaApuracao(partes);
      if (pendencia === 'superada') return reconstroiComTrava(partes, geracoes, opcoes, confere);
      const { anterior } = await geracoes.situacao();
      if (pendencia === 'sobra' && anterior !== null) {
        await limpa({ partes, opcoes, geracoes, confere }, anterior);
      }
      return null;
    },
    opcoes,
  );
}
