/** A state in a word: its colour only repeats what it says. */
export function Selo({ estado }: { estado: string }) {
  const { palavra, tom } = PALAVRAS[estado] ?? { palavra: estado, tom: 'neutro' };
  return (
    <span class={`selo ${tom}`} data-selo={estado}>
      {palavra}
    </span>
  );
}

const PALAVRAS: Readonly<Record<string, { palavra: string; tom: 'bom' | 'atencao' | 'ruim' | 'neutro' }>> = {
  ok: { palavra: 'ok', tom: 'bom' },
  atencao: { palavra: 'atenção', tom: 'atencao' },
  parado: { palavra: 'parado', tom: 'ruim' },
  esperando: { palavra: 'esperando', tom: 'atencao' },
  fora: { palavra: 'fora do ar', tom: 'ruim' },
  desconhecido: { palavra: 'desconhecido', tom: 'neutro' },
};
