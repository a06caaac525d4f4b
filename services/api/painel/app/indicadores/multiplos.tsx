import type { RespostaDeIndicador } from '../../../indicadores.ts';
import { useDados } from '../nucleo/dados.ts';
import { quantos } from '../nucleo/formato.ts';
import { comConsulta } from '../nucleo/rota.ts';
import { nomeDaUnidade } from '../nucleo/rotulos.ts';
import { useVarios } from '../nucleo/varios.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { Meses } from '../partes/meses.tsx';
import { anoPorMes, type DoMes, type Medida } from './periodos.ts';

/** The most units drawn month by month, those with the most clients. */
const UNIDADES = 9;

const maiorDe = (...anos: readonly (readonly DoMes[])[]): number => Math.max(1, ...anos.flat().map((m) => m.n ?? 0));

const caminhoDe = (codigo: string, periodo: string, unidade: string | null): string =>
  comConsulta(`/v1/indicadores/${encodeURIComponent(codigo)}`, { periodo, unidade: unidade ?? undefined });

const MEDIDAS: readonly [Medida, string][] = [
  ['clientes', 'Clientes'],
  ['atendimentos', 'Atendimentos'],
];

function MesAMes({ r, hoje }: { r: RespostaDeIndicador; hoje: string }) {
  const antes = String(Number(r.periodo) - 1);
  const doAnterior = useDados<RespostaDeIndicador>(caminhoDe(r.codigo, antes, r.unidade));
  return (
    <Cartao titulo="Mês a mês" largo ao_lado={<span class="fraco">claro, atrás: {antes}</span>}>
      <div class="multiplos">
        {MEDIDAS.map(([medida, titulo]) => {
          const [agora, deAntes] = [
            anoPorMes(r.periodo, r.porMes, medida, hoje),
            anoPorMes(antes, doAnterior.valor?.porMes ?? null, medida, hoje),
          ];
          const maior = maiorDe(agora, deAntes);
          return <Meses key={medida} titulo={titulo} meses={agora} antes={deAntes} maior={maior} />;
        })}
      </div>
    </Cartao>
  );
}

function PorUnidade({ r, hoje }: { r: RespostaDeIndicador; hoje: string }) {
  const ordem = Object.entries(r.porUnidade).sort(([, a], [, b]) => b.clientes - a.clientes);
  const unidades = ordem.slice(0, UNIDADES).map(([unidade]) => unidade);
  const todas = useVarios<RespostaDeIndicador>(unidades.map((u) => caminhoDe(r.codigo, r.periodo, u)));
  return (
    <Cartao titulo="Clientes por unidade, mês a mês" largo ao_lado={<span class="fraco">a mesma escala em todas</span>}>
      <Mostra dados={todas}>
        {(respostas) => {
          const anos = respostas.map((u) => anoPorMes(r.periodo, u.porMes, 'clientes', hoje));
          const maior = maiorDe(...anos);
          return (
            <div class="multiplos">
              {respostas.map((u, i) => (
                <Meses
                  key={u.unidade}
                  titulo={nomeDaUnidade(u.unidade ?? '')}
                  nota={`${quantos(u.clientes, 'cliente', 'clientes')} no ano`}
                  meses={anos[i] ?? []}
                  maior={maior}
                />
              ))}
            </div>
          );
        }}
      </Mostra>
    </Cartao>
  );
}

/** A year month by month: the whole, against the year before; and each unit. */
export function Multiplos({ r, hoje }: { r: RespostaDeIndicador; hoje: string }) {
  if (r.periodo.length > 4) return null;
  if (r.porMes === null) {
    return (
      <Cartao titulo="Mês a mês" largo>
        <Vazio>O mês não se guarda junto com o filtro de tipo.</Vazio>
      </Cartao>
    );
  }
  return (
    <>
      <MesAMes r={r} hoje={hoje} />
      {r.unidade === null && Object.keys(r.porUnidade).length > 0 ? <PorUnidade r={r} hoje={hoje} /> : null}
    </>
  );
}
