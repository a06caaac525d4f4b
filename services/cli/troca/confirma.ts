import { pseudonimizador } from '#domain/documento.ts';
import { impressaoDaChave } from '#domain/troca-de-chave.ts';
import { type Quem, registroDoAto } from '#platform/atos.ts';
import { CodedError } from '#platform/errors.ts';
import { comExclusividade } from '#platform/quarentena/reenvio.ts';
import { registroDaChaveEmUso } from '#platform/trocas.ts';
import type { Conexoes } from '../conexoes.ts';
import { LeituraDeConhecidos } from './conhecidos.ts';
import type { Acompanhamento } from './troca.ts';

export interface PedidoDeConfirmacao {
  /** The key in use: CLIENT_ID_KEY_ANTERIOR where it is given, else CLIENT_ID_KEY. */
  chave: string;
  /** A CPF that the line knows: shows that the key is the one it is known by. */
  pessoa: string;
  quem: Quem;
}

/**
 * Says that the key given is the one in use, for where another one was the first to say so.
 * @throws CodedError TROCA_JA_FEITA, CHAVE_ANTERIOR_ERRADA; RetryableError a server is away
 */
export async function confirmaAChave(
  conexoes: Conexoes,
  { chave, pessoa, quem }: PedidoDeConfirmacao,
  { sinal, progresso = () => {} }: Acompanhamento = {},
): Promise<void> {
  const { kafka, admin, interacoes, resolucoes, seguidas } = conexoes;
  const { trocas } = seguidas.esquecimentos;
  const exigeQueNaoHaja = (): void => {
    if (trocas.emVigor === null) return;
    throw new CodedError('TROCA_JA_FEITA', 'a CLIENT_ID_KEY foi trocada: as chaves em uso são as da troca');
  };
  exigeQueNaoHaja();
  const partes = { kafka, admin, interacoes, sinal, progresso: (n: number, de: number) => progresso('le', n, de) };
  const leitura = await LeituraDeConhecidos.comeca(partes, pseudonimizador(chave)(pessoa), 1);
  await leitura.avanca();
  if (!leitura.achada) {
    throw new CodedError(
      'CHAVE_ANTERIOR_ERRADA',
      'por esta chave não se conhece a pessoa dada: a chave é outra, ou dela nada veio',
    );
  }
  await comExclusividade({ kafka, resolucoes, seguidas, ...(sinal && { sinal }) }, async (producer) => {
    exigeQueNaoHaja();
    const ato = { ato: 'chave-de-id-confirmada' as const, alvo: 'CLIENT_ID_KEY', detalhe: {} };
    await producer.send([registroDaChaveEmUso(impressaoDaChave(chave)), registroDoAto(quem, ato)]);
  });
}
