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
 * What an application left undone in this Redis: the state served is of an apuração that is no longer in force
 * (`superada`), or what is beside it is of another one, or was half removed (`sobra`). An application that is under way
 * holds the lock meanwhile.
 * @returns null: nothing
 * @throws RetryableError
 */
export async function pendenciaDaApuracao(partes: PartesDoOlhar): Promise<'superada' | 'sobra' | null> {
  await partes.seguidas.caughtUp();
  const { emVigor } = partes.seguidas.apuracoes;
  const { viva, anterior, nova, descartada } = await geracoesDe(partes).situacao();
  const deOutra = (nome: string | null): boolean => nome !== null && apuracaoDaGeracao(nome) !== emVigor;
  if (deOutra(viva)) return 'superada';
  return deOutra(anterior) || deOutra(nova) || descartada !== null ? 'sobra' : null;
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
      if (pendencia === 'sobra') await limpa(partes, geracoes, opcoes, confere);
      return null;
    },
    opcoes,
  );
}
