import { fonteReservada } from '#domain/consolidacao.ts';
import { FORMA_DE_PSEUDONIMO, PSEUDONIMO_PF } from '#domain/documento.ts';
import type { Esquecimentos } from '#domain/esquecimento.ts';
import type { Interacao } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { EmQuarentena } from '#platform/quarentena/registros.ts';
import { semCpf } from '#platform/quarentena/visivel.ts';

/** Longer texts are cut: the record itself has them whole. */
const TEXTO = 300;
const UM_PSEUDONIMO = new RegExp(FORMA_DE_PSEUDONIMO);

/** Whom a record is about, and where it came from: what decides whether it may be shown. */
interface Titular {
  pf: string;
  /** Somebody who is not to be forgotten is in it too: a company. */
  acompanhado: boolean;
  time: number;
  derivada: boolean;
}

/** What the index holds of a record in quarantine: no bytes, and nothing that looks like a CPF. */
export interface Entrada {
  id: string;
  particao: number;
  posicao: number;
  /** When it was set aside, milliseconds since the epoch. */
  postaEm: number;
  motivo: string;
  detalhe: string;
  source: string | null;
  /** The event's own id. */
  evento: string | null;
  /** null: the record does not say, or cannot be read. */
  unidade: string | null;
  tipoSolucao: string | null;
  tentativa: number;
  /** Where the record stands that was set aside. */
  lugar: { topic: string; partition: number; offset: number };
  /** null: it names no person. */
  titular: Titular | null;
}

function curto(texto: string): string {
  return texto.length <= TEXTO ? texto : `${texto.slice(0, TEXTO)}…`;
}

const visivel = (texto: string | null): string | null => (texto === null ? null : curto(semCpf(texto)));

/** Of what cannot be read, whom its key names, else its bytes: nobody else is in it for all that is known. */
function titularDoIlegivel({ chave, valor, recebidaEm, source }: EmQuarentena['registro']): Titular | null {
  const daChave = chave?.toString() ?? '';
  const pf = PSEUDONIMO_PF.test(daChave) ? daChave : UM_PSEUDONIMO.exec(valor?.toString('latin1') ?? '')?.[0];
  return pf === undefined ? null : { pf, acompanhado: false, time: recebidaEm, derivada: fonteReservada(source) };
}

/** Whom a record is about; null: no person. @param interacao null: the record cannot be read */
export function titularDe({ registro }: EmQuarentena, interacao: Interacao | null): Titular | null {
  if (interacao === null) return titularDoIlegivel(registro);
  const { cliente, time, source } = interacao;
  if (cliente === null || cliente.pf === null) return null;
  return { pf: cliente.pf, acompanhado: cliente.pj !== null, time, derivada: fonteReservada(source) };
}

/** @param interacao what the record says; null: it cannot be read */
export function entradaDe(um: EmQuarentena, interacao: Interacao | null): Entrada {
  const { id, postaEm, registro } = um;
  const [particao = 0, posicao = 0] = id.split('/').map(Number);
  const { topico, particao: partition, posicao: offset } = registro;
  return {
    ...{ id, particao, posicao, postaEm },
    motivo: registro.motivo,
    detalhe: curto(ocultaCpf(registro.detalhe)),
    source: visivel(registro.source),
    evento: visivel(registro.id),
    unidade: visivel(interacao?.unidade ?? null),
    tipoSolucao: visivel(interacao?.tipoSolucao ?? null),
    tentativa: registro.tentativa,
    lugar: { topic: topico, partition, offset },
    titular: titularDe(um, interacao),
  };
}

/** Whether a record is of somebody who was forgotten, and of nobody else: it is not shown. */
export function deEsquecido(
  { titular, lugar }: Pick<Entrada, 'titular' | 'lugar'>,
  esquecimentos: Pick<Esquecimentos, 'calado'>,
): boolean {
  return titular !== null && !titular.acompanhado && esquecimentos.calado(lugar, titular);
}
