import type { DoMes } from '../indicadores/periodos.ts';
import { mes, numero } from '../nucleo/formato.ts';

interface Props {
  titulo: string;
  /** What is told beside the title. */
  nota?: string;
  meses: readonly DoMes[];
  /** The month before each, a year earlier: drawn behind. */
  antes?: readonly DoMes[];
  /** Of all that are to be held against each other. */
  maior: number;
}

const INICIAIS = [...'JFMAMJJASOND'];

const altura = (n: number | null, maior: number): string => `${(100 * (n ?? 0)) / Math.max(1, maior)}%`;

function dito({ meses, antes = [] }: Props): string {
  return meses
    .map((m, i) => {
      const deAntes = antes[i]?.n ?? null;
      return `${mes(m.mes)}: ${m.n === null ? 'ainda não' : numero(m.n)}${deAntes === null ? '' : ` (${numero(deAntes)} um ano antes)`}`;
    })
    .join('; ');
}

/** A year as twelve columns: one of several, drawn alike. */
export function Meses(props: Props) {
  const { titulo, nota, meses, antes = [], maior } = props;
  return (
    <figure class="meses">
      <figcaption>
        <strong>{titulo}</strong> {nota === undefined ? null : <span class="fraco">{nota}</span>}
      </figcaption>
      <div class="colunas" role="img" aria-label={`${titulo}: ${dito(props)}`}>
        {meses.map((m, i) => (
          <div key={m.mes} class="mes" title={`${mes(m.mes)}: ${numero(m.n)}`}>
            <div class="altura">
              <div class="antes" style={{ height: altura(antes[i]?.n ?? null, maior) }} />
              <div class={m.n === null ? 'agora falta' : 'agora'} style={{ height: altura(m.n, maior) }} />
            </div>
            <span class="inicial">{INICIAIS[i]}</span>
          </div>
        ))}
      </div>
    </figure>
  );
}
