import { fonteReservada } from '#domain/consolidacao.ts';
import { erroDeContrato } from '#domain/contrato.ts';
import { campoComCpf } from '#domain/cpf-em-texto.ts';
import { PSEUDONIMO_PF, type Pseudonimizador } from '#domain/documento.ts';
import { eventoDe } from '#domain/evento-conhecido.ts';
import type { Cliente, Interacao } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { CodedError } from '#platform/errors.ts';
import { examinaEvento, type Recusa, registroDe } from '#platform/exame.ts';
import { cpfForaDoLugar } from '#platform/http/erros.ts';
import { ensaiaReenvio, leInteracao } from '#platform/quarentena/ensaio.ts';
import { guardaCorrecao } from '#platform/quarentena/reenvio.ts';
import type { EmQuarentena } from '#platform/quarentena/registros.ts';
import { type Edicao, edita, tocaParticipantes, tocaPf } from './edicao.ts';
import { type Desfecho, desfechoDe, type PartesDaQuarentena, registroDeId } from './selecao.ts';
import { semCpf } from './visivel.ts';

/** What a record is corrected with: a whole event, or edits of the one that waits. */
export type Correcoes = { evento: unknown } | { edicoes: readonly Edicao[] };

export interface PedidoDeCorrecao {
  id: string;
  correcoes: Correcoes;
  por: string;
  /** The key it was asked by; without it: on the command line. */
  credencial?: string;
  /** The corrected event may have another source or id. */
  outraIdentidade: boolean;
  pseudonimo: Pseudonimizador;
}

/** What `quarantine fix` writes. */
export interface Corrigida {
  id: string;
  source: string;
  evento: string;
  topico: string;
  por: string;
  /** What would come out of the corrected copy now. */
  hoje: Desfecho;
}

const recusada = (codigo: string, mensagem: string): CodedError => new CodedError(codigo, mensagem, { exitCode: 2 });

function aceita<T extends object>(exame: T | { recusa: Recusa }): T {
  if ('recusa' in exame) throw recusada(exame.recusa.motivo, exame.recusa.detalhe);
  return exame;
}

const NINGUEM: Cliente = { pf: null, pj: null, naoIdentificado: null };

/** Puts back what an event made from the interaction could not say: the PF, and the participants of a closing. */
function comPseudonimos(corrigida: Interacao, original: Interacao, edicoes: readonly Edicao[]): Interacao {
  const participantes = tocaParticipantes(edicoes) ? null : original.participantes;
  const pf = tocaPf(edicoes) ? null : (original.cliente?.pf ?? null);
  const voltam = [pf, ...(participantes ?? []).map((p) => p.cliente.pf)].filter((um) => um !== null);
  if (voltam.some((um) => !PSEUDONIMO_PF.test(um))) {
    const saida = 'dê o evento inteiro, com --file, ou o CPF certo, com --set cliente.pf.cpf=…';
    throw recusada('CPF_INVALIDO', `cliente.pf não é um pseudônimo: ${saida}`);
  }
  const cliente = pf === null ? corrigida.cliente : { ...(corrigida.cliente ?? NINGUEM), pf };
  const inteira = { ...corrigida, cliente, participantes: participantes ?? corrigida.participantes };
  const erro = erroDeContrato(inteira);
  if (erro !== null) throw recusada('ESQUEMA_INVALIDO', ocultaCpf(erro));
  const campo = campoComCpf(inteira);
  if (campo !== null) throw recusada('CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
  return inteira;
}

function comIdentidade(evento: unknown, { registro }: EmQuarentena): unknown {
  if (typeof evento !== 'object' || evento === null) return evento;
  const { source, id } = registro;
  return { ...(source === null ? {} : { source }), ...(id === null ? {} : { id }), ...evento };
}

async function corrigida(
  partes: PartesDaQuarentena,
  um: EmQuarentena,
  { correcoes, pseudonimo }: PedidoDeCorrecao,
): Promise<Interacao> {
  if ('evento' in correcoes) return aceita(examinaEvento(comIdentidade(correcoes.evento, um), pseudonimo)).interacao;
  const original = await leInteracao(partes.interacoes, um.registro.valor);
  if (original === null) {
    throw recusada('EDICAO_INVALIDA', `${um.id} não pôde ser lida: dê o evento corrigido inteiro, com --file`);
  }
  const evento = eventoDe(original);
  edita(evento, correcoes.edicoes);
  return comPseudonimos(aceita(examinaEvento(evento, pseudonimo)).interacao, original, correcoes.edicoes);
}

function exigeIdentidade(interacao: Interacao, { id, registro }: EmQuarentena): void {
  for (const campo of ['source', 'id'] as const) {
    const de = registro[campo];
    if (de === null || de === interacao[campo]) continue;
    const saida = `deixe '${semCpf(de)}', ou diga --outra-identidade`;
    const mensagem = `${campo}: a correção de ${id} traz '${semCpf(interacao[campo])}'; ${saida}`;
    throw new CodedError('IDENTIDADE_DIVERGENTE', mensagem, { exitCode: 2 });
  }
}

/**
 * Keeps a corrected copy of a record in quarantine, for its replay, after every check that a new event meets at the
 * door.
 * @throws CodedError the door's codes; QUARENTENA_DESCONHECIDA, QUARENTENA_RESOLVIDA, EDICAO_INVALIDA,
 * IDENTIDADE_DIVERGENTE; RetryableError
 */
export async function corrige(partes: PartesDaQuarentena, pedido: PedidoDeCorrecao): Promise<Corrigida> {
  const { id, por } = pedido;
  const um = await registroDeId(partes, id);
  if (fonteReservada(um.registro.source)) {
    const saida = 'corrija, na origem, o check-in ou o encerramento da oferta';
    throw recusada('FONTE_NAO_AUTORIZADA', `${id} é uma participação derivada das presenças: ${saida}`);
  }
  const nomeadaSob = partes.seguidas.esquecimentos.trocas.emVigor;
  const interacao = await corrigida(partes, um, pedido);
  if (!pedido.outraIdentidade) exigeIdentidade(interacao, um);
  const { registro } = aceita(registroDe(interacao, partes.interacoes));
  const hoje = desfechoDe(await ensaiaReenvio(partes, registro.value, Date.now()));
  const correcao = { topico: registro.topic, chave: registro.key, valor: registro.value, por, em: Date.now() };
  await guardaCorrecao(partes, um, correcao, { credencial: pedido.credencial, nomeadaSob });
  return { id, source: semCpf(interacao.source), evento: semCpf(interacao.id), topico: registro.topic, por, hoje };
}
