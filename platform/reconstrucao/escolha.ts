import { CodedError } from '../errors.ts';
import { apuracaoDaGeracao } from '../estado/chaves.ts';
import { type Geracoes, geracaoViva, type SituacaoDasGeracoes } from '../estado/geracoes.ts';
import type { OpcoesDaReconstrucao, PartesDaReconstrucao } from './reconstrucao.ts';

export function inacabada({ nova, anterior }: Pick<SituacaoDasGeracoes, 'nova' | 'anterior'>): CodedError {
  const [que, termina] =
    nova === anterior
      ? [`a volta à geração ${nova} não acabou`, 'atendido rebuild back']
      : [`a geração ${nova} está em construção`, 'atendido rebuild'];
  const saida = `termine-a com \`${termina}\`, ou desista com \`atendido rebuild cancel\``;
  return new CodedError('RECONSTRUCAO_INACABADA', `${que}: ${saida}`);
}

function deOutraApuracao(geracao: string, emVigor: number): CodedError {
  const que = `a geração ${geracao} é da apuração ${apuracaoDaGeracao(geracao)}, e em vigor está a ${emVigor}`;
  const saida = 'para voltar a outras regras, aplique-as: `atendido reprocess --apply`';
  return new CodedError('GERACAO_DE_OUTRA_APURACAO', `${que}: já não recebe lançamentos; ${saida}`);
}

/** There is memory for two states, and a change makes one more. @throws CodedError GERACAO_ANTERIOR_GUARDADA */
export function exigeQueNadaGuarde({ anterior }: Pick<SituacaoDasGeracoes, 'anterior'>): void {
  if (anterior === null) return;
  const que = `a geração ${anterior} ainda está guardada: descarte-a antes, com \`atendido rebuild discard-old\``;
  throw new CodedError('GERACAO_ANTERIOR_GUARDADA', que);
}

/** No state is being built. @throws CodedError RECONSTRUCAO_INACABADA */
export function exigeQueNadaConstrua(
  { nova, anterior }: Pick<SituacaoDasGeracoes, 'nova' | 'anterior'>,
  emVigor: number,
): void {
  if (nova === null) return;
  if (apuracaoDaGeracao(nova) === emVigor) throw inacabada({ nova, anterior });
  const que = `a geração ${nova} é de um rulebook que está sendo aplicado`;
  const saida =
    'espere que `atendido reprocess --apply` acabe; se foi interrompido, o aggregator a remove em instantes';
  throw new CodedError('RECONSTRUCAO_INACABADA', `${que}: ${saida}`);
}

/** Removes what is of no use any more: discarded before, or of another apuração than the one in force. */
export async function removeInuteis(
  geracoes: Geracoes,
  emVigor: number,
  { volta, progresso }: OpcoesDaReconstrucao,
  confere: () => void,
): Promise<SituacaoDasGeracoes> {
  const { anterior, nova, descartada } = await geracoes.situacao();
  const deOutra = (nome: string | null): nome is string => nome !== null && apuracaoDaGeracao(nome) !== emVigor;
  const apagando = (chaves: number): void => {
    confere();
    progresso?.('limpeza', chaves, null);
  };
  if (descartada !== null) await geracoes.apaga(descartada, apagando);
  if (deOutra(nova)) {
    await (nova === anterior ? geracoes.desisteDaAnterior(nova) : geracoes.descarta('nova', nova, apagando));
  }
  // Who asks to go back to it is told why not.
  if (volta !== true && deOutra(anterior)) await geracoes.descarta('anterior', anterior, apagando);
  return geracoes.situacao();
}

/**
 * Which generation is built: the one begun before, the one kept, or another.
 * @param emVigor the apuração in force
 * @throws CodedError SEM_GERACAO_ANTERIOR, GERACAO_DE_OUTRA_APURACAO, RECONSTRUCAO_INACABADA, GERACAO_ANTERIOR_GUARDADA
 */
export async function escolhe(geracoes: Geracoes, emVigor: number, opcoes: OpcoesDaReconstrucao, confere: () => void) {
  const { viva, anterior, nova } = await removeInuteis(geracoes, emVigor, opcoes, confere);
  if (opcoes.volta === true) {
    if (anterior === null) throw new CodedError('SEM_GERACAO_ANTERIOR', 'não há geração anterior guardada');
    if (apuracaoDaGeracao(anterior) !== emVigor) throw deOutraApuracao(anterior, emVigor);
    if (nova === null) await geracoes.retomaAnterior(anterior);
    else if (nova !== anterior) throw inacabada({ nova, anterior });
    return { viva, nova: anterior };
  }
  if (nova !== null) {
    if (nova === anterior) throw inacabada({ nova, anterior });
    return { viva, nova };
  }
  exigeQueNadaGuarde({ anterior });
  return { viva, nova: await geracoes.cria(emVigor) };
}

/** Another generation, of what an apuração decided that is not in force yet; whatever was being built is removed. */
export async function geracaoNova(geracoes: Geracoes, apuracao: number, confere: () => void): Promise<string> {
  const { nova, descartada } = await geracoes.situacao();
  if (descartada !== null) await geracoes.apaga(descartada, confere);
  if (nova !== null) await geracoes.descarta('nova', nova, confere);
  return geracoes.cria(apuracao);
}

/**
 * That the state served is what the apuração in force decided: it is not, where one was applied by a process that was
 * killed before the end, or Redis went back, until the aggregator has seen to it.
 * @throws CodedError REPROCESSAMENTO_INACABADO; RetryableError
 */
export async function confereApuracao({ redis, seguidas }: Pick<PartesDaReconstrucao, 'redis' | 'seguidas'>) {
  await seguidas.caughtUp();
  const { emVigor } = seguidas.apuracoes;
  if (apuracaoDaGeracao(await geracaoViva(redis, () => emVigor)) === emVigor) return;
  const que = `a apuração ${emVigor} está em vigor, e o estado no ar ainda é o da anterior`;
  const saida = 'o aggregator termina por si, ou termine já com `atendido rebuild`';
  throw new CodedError('REPROCESSAMENTO_INACABADO', `${que}: ${saida}`);
}
