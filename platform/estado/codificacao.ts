import { type EstadoCliente, estadoVazio, type OutraMetrica, type Portador } from '#domain/cliente.ts';
import { Impressoes } from '#domain/impressoes.ts';
import { Escrita, Leitura } from './bytes.ts';
import { METRICAS } from './palavras.ts';
import { gravaPortadores, lePortadores } from './portadores.ts';

/**
 * What Redis keeps of one holder of state, one value:
 * | | as |
 * |---|---|
 * | the format | a byte |
 * | interactions that did not count | how many; each the year, the metric (1 + its place in METRICAS; 0: a text) and how often |
 * | fingerprints of the events seen | length, eight bytes each |
 * | fingerprints of the events taken back | likewise |
 * | holders of deliveries | the rest, as portadores.ts says; nothing where there are none |
 *
 * Half of all entries count for nothing and ask for no holder: these stay as they are, unread.
 */
const FORMATO = 2;

/** A state as it was read: its holders are unpacked when first asked for. */
class EstadoGravado implements EstadoCliente {
  readonly vistos: Impressoes;
  readonly estornados: Impressoes;
  readonly outrasMetricas: OutraMetrica[];
  #gravados: Buffer | null;
  #portadores: Portador[] | null = null;

  constructor(leitura: Leitura) {
    this.outrasMetricas = leOutrasMetricas(leitura);
    this.vistos = new Impressoes(leitura.latin1());
    this.estornados = new Impressoes(leitura.latin1());
    this.#gravados = leitura.resto();
  }

  get portadores(): Portador[] {
    if (this.#portadores === null) {
      const gravados = this.#gravados ?? Buffer.alloc(0);
      this.#portadores = gravados.length === 0 ? [] : lePortadores(new Leitura(gravados));
      this.#gravados = null;
    }
    return this.#portadores;
  }

  /** As they were read; null once they were asked for, and may have changed. */
  get gravados(): Buffer | null {
    return this.#gravados;
  }
}

function leOutrasMetricas(leitura: Leitura): OutraMetrica[] {
  const outras: OutraMetrica[] = [];
  for (let faltam = leitura.numero(); faltam > 0; faltam -= 1) {
    const ano = String(leitura.numero());
    const conhecida = leitura.numero();
    const metrica = conhecida === 0 ? leitura.texto() : METRICAS[conhecida - 1];
    if (metrica === undefined) throw new Error(`estado de cliente ilegível: não há métrica ${conhecida}`);
    outras.push({ ano, metrica, n: leitura.numero() });
  }
  return outras;
}

function gravaOutrasMetricas(escrita: Escrita, outras: readonly OutraMetrica[]): void {
  escrita.numero(outras.length);
  for (const { ano, metrica, n } of outras) {
    const conhecida = METRICAS.indexOf(metrica) + 1;
    escrita.numero(Number(ano));
    escrita.numero(conhecida);
    if (conhecida === 0) escrita.texto(metrica);
    escrita.numero(n);
  }
}

/** Writes the bytes Redis keeps of a state behind what was written before. */
export function gravaEstado(escrita: Escrita, estado: EstadoCliente): void {
  escrita.byte(FORMATO);
  gravaOutrasMetricas(escrita, estado.outrasMetricas);
  escrita.latin1(estado.vistos.juntas());
  escrita.latin1(estado.estornados.juntas());
  const gravados = estado instanceof EstadoGravado ? estado.gravados : null;
  if (gravados !== null) escrita.bytes(gravados);
  else gravaPortadores(escrita, estado.portadores);
}

/** The bytes Redis keeps of a state. */
export function codificaEstado(estado: EstadoCliente): Buffer {
  const escrita = new Escrita();
  gravaEstado(escrita, estado);
  return escrita.termina();
}

/**
 * What {@link codificaEstado} wrote; null: a state never written.
 * @throws Error bytes of a format this version does not know, or damaged
 */
export function decodificaEstado(bytes: Buffer | null): EstadoCliente {
  if (bytes === null) return estadoVazio();
  if (bytes[0] !== FORMATO) throw new Error(`estado de cliente ilegível: formato ${bytes[0] ?? 'ausente'}`);
  return new EstadoGravado(new Leitura(bytes, 1));
}
