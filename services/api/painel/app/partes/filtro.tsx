import { useId } from 'preact/hooks';

interface Props {
  rotulo: string;
  valor: string;
  /** Value and name of each; the first is usually that of all. */
  opcoes: readonly (readonly [string, string])[];
  muda: (valor: string) => void;
  disabled?: boolean;
}

/** A choice, with its label. A value that is none of the choices is shown by itself: it came in the address. */
export function Filtro({ rotulo, valor, opcoes, muda, disabled = false }: Props) {
  const id = useId();
  const falta = !opcoes.some(([v]) => v === valor);
  return (
    <div>
      <label for={id}>{rotulo}</label>
      <select id={id} value={valor} disabled={disabled} onChange={(e) => muda(e.currentTarget.value)}>
        {falta ? <option value={valor}>{valor}</option> : null}
        {opcoes.map(([v, nome]) => (
          <option key={v} value={v}>
            {nome}
          </option>
        ))}
      </select>
    </div>
  );
}
