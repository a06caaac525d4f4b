import { diaDoCalendario, numero } from '../nucleo/formato.ts';
import { tendencia } from './palavras.ts';

/** How many a day: small columns, told in words to who does not see them. */
export function Tendencia({ dias, porDia }: { dias: readonly string[]; porDia: readonly number[] }) {
  const maior = Math.max(1, ...porDia);
  return (
    <div class="tendencia" role="img" aria-label={tendencia(porDia)}>
      {dias.map((d, i) => (
        <span key={d} title={`${diaDoCalendario(d)}: ${numero(porDia[i] ?? 0)}`}>
          <span class="agora" style={{ height: `${(100 * (porDia[i] ?? 0)) / maior}%` }} />
        </span>
      ))}
    </div>
  );
}
