import { esperaALinha } from '#platform/linha.ts';
import type { Auditoria } from '../../services/cli/auditoria.ts';
import { audita } from '../../services/cli/auditoria.ts';
import type { Conexoes } from '../../services/cli/conexoes.ts';
import type { Gasto } from '../processos.ts';
import type { Pastas } from '../servidores.ts';

/** One figure of one run, by the name of its row. */
export interface Medida {
  linha: string;
  valor: number;
  /** What it took, where it took a stretch of time. */
  gasto?: Gasto;
  /** Records or entries that went through, where the figure is a rate. */
  registros?: number;
}

/** What every row is measured with. */
export interface Contexto {
  pastas: Pastas;
  eventos: number;
  semente: number;
  /** The load file of the backlog. */
  carga: string;
  /** The load file sent while latency is measured. */
  cargaContinua: string;
  segundosDeLatencia: number;
  perfil: string | null;
  diz: (texto: string) => void;
}

export class AuditoriaDiverge extends Error {
  override name = 'AuditoriaDiverge';
}

/** A fast wrong number is worth nothing: waits for the line to end and recounts everything. @throws AuditoriaDiverge */
export async function confere(conexoes: Conexoes): Promise<Auditoria> {
  await esperaALinha(conexoes);
  const auditoria = await audita(conexoes);
  if (auditoria.diferencas.length === 0) return auditoria;
  const primeira = JSON.stringify(auditoria.diferencas[0]);
  throw new AuditoriaDiverge(`${auditoria.diferencas.length} diferenças na auditoria; a primeira: ${primeira}`);
}
