import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { hora, numero } from '../nucleo/formato.ts';
import { tema } from '../nucleo/tema.ts';

/** A line of the chart. */
export interface Serie {
  nome: string;
  /** A custom property of estilo.css: `--bom`. */
  cor: string;
  valores: readonly (number | null)[];
}

interface Props {
  /** What is to be seen, in words: a chart is a picture to who does not see it. */
  descricao: string;
  /** Instants, in milliseconds since the epoch. */
  instantes: readonly number[];
  series: readonly Serie[];
  altura?: number;
}

/** A colour of estilo.css as it is drawn: a property by itself may say both that of light and that of dark. */
function corDe(nome: string): string {
  const prova = document.createElement('span');
  prova.style.color = `var(${nome})`;
  document.body.append(prova);
  const { color } = getComputedStyle(prova);
  prova.remove();
  return color;
}

function opcoesDe({ series, altura = 220 }: Props, width: number): UPlot.Options {
  const [texto, grade] = [corDe('--texto-fraco'), corDe('--linha')];
  const eixo = { stroke: texto, grid: { stroke: grade, width: 1 }, ticks: { stroke: grade, width: 1 } };
  return {
    width,
    height: altura,
    ms: 1,
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(4, max * 1.1)] } },
    axes: [
      { ...eixo, values: (_u, ticks) => ticks.map((t) => hora(t)) },
      { ...eixo, size: 56, values: (_u, ticks) => ticks.map((t) => (Number.isInteger(t) ? numero(t) : '')) },
    ],
    series: [
      { label: 'Hora', value: (_u, t: number | null) => (t === null ? '–' : hora(t)) },
      ...series.map((s) => ({
        label: s.nome,
        stroke: corDe(s.cor),
        width: 2,
        points: { show: false },
        value: (_u: UPlot, n: number | null) => (n === null ? '–' : numero(n)),
      })),
    ],
  };
}

const dadosDe = ({ instantes, series }: Props): UPlot.AlignedData => [
  [...instantes],
  ...series.map((s) => [...s.valores]),
];

/** Lines over time. */
export function Linhas(props: Props) {
  const lugar = useRef<HTMLDivElement>(null);
  const grafico = useRef<UPlot>(undefined);
  const ultimos = useRef(props);
  ultimos.current = props;
  const nomes = props.series.map((s) => s.nome).join('|');
  const doTema = tema.value;
  // Made anew with other lines or in other colours; data are put below
  useEffect(() => {
    const div = lugar.current;
    if (div === null) return;
    const feito = new UPlot(opcoesDe(ultimos.current, div.clientWidth || 300), dadosDe(ultimos.current), div);
    grafico.current = feito;
    const mede = new ResizeObserver(() => feito.setSize({ width: div.clientWidth, height: feito.height }));
    mede.observe(div);
    return () => {
      mede.disconnect();
      feito.destroy();
    };
  }, [nomes, doTema]);
  useEffect(() => grafico.current?.setData(dadosDe(props)), [props]);
  return <div ref={lugar} class="grafico" role="img" aria-label={props.descricao} />;
}
