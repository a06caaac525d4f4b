import type { RespostaDeIndicador } from '../../../indicadores.ts';
import type { Minuto, Minutos } from '../../minutos.ts';
import { contra, notaDosClientes } from '../indicadores/no-ano.ts';
import { type Dados, useAoVivo, useDados } from '../nucleo/dados.ts';
import { diaDoCalendario, diaIso, hora, numero, quantos } from '../nucleo/formato.ts';
import { nomeDaProposta, nomeDaUnidade, nomeDoTipo } from '../nucleo/rotulos.ts';
import { type Barra, Barras } from '../partes/barras.tsx';
import { Cartao, Numero } from '../partes/cartao.tsx';
import { Carregando, Ligacao, Mostra, Vazio } from '../partes/estado.tsx';
import { Linhas, type Serie } from '../partes/linhas.tsx';

const PRINCIPAL = 'clientes-atendidos';
const [LOGO_MS, DEPOIS_MS] = [10_000, 60_000];

const DESFECHOS = [
  { campo: 'contabiliza', nome: 'Contabilizam', um: 'Contabiliza', cor: '--bom' },
  { campo: 'naoContabiliza', nome: 'Não contabilizam', um: 'Não contabiliza', cor: '--neutro' },
  { campo: 'quarentena', nome: 'Quarentena', um: 'Quarentena', cor: '--ruim' },
] as const;

function seriesDe(minutos: readonly Minuto[]): Serie[] {
  return DESFECHOS.map(({ campo, nome, cor }) => ({ nome, cor, valores: minutos.map((m) => m[campo]) }));
}

function PorMinuto() {
  const visto = useAoVivo<Minutos>('/painel/dados/minutos');
  const minutos = visto.valor?.minutos ?? [];
  const doMinuto = minutos.at(-1);
  // A minute that has just begun says little by itself.
  const anterior = minutos.at(-2);
  return (
    <Cartao titulo="Interações por minuto" largo ao_lado={<Ligacao visto={visto} />}>
      {visto.valor === undefined ? <Carregando texto="Esperando o primeiro minuto…" /> : null}
      {doMinuto === undefined ? null : (
        <>
          <div class="numeros">
            {DESFECHOS.map(({ campo, nome, um, cor }) => (
              <Numero
                key={campo}
                valor={numero(doMinuto[campo])}
                rotulo={doMinuto[campo] === 1 ? um : nome}
                nota={
                  <span class={`traco ${cor.slice(2)}`}>
                    neste minuto
                    {anterior === undefined ? '' : ` · ${numero(anterior[campo])} às ${hora(anterior.inicio)}`}
                  </span>
                }
              />
            ))}
          </div>
          <Linhas
            descricao={`Interações decididas por minuto, por desfecho: ${quantos(minutos.length, 'minuto', 'minutos')}`}
            instantes={minutos.map((m) => m.inicio)}
            series={seriesDe(minutos)}
          />
        </>
      )}
    </Cartao>
  );
}

/** Interactions that counted from the first day of the year to this one, and to the same day a year before. */
interface AteHoje {
  total: number;
  anterior: { ate: string; total: number };
}

function NoAno({ doAno, hoje }: { doAno: Dados<RespostaDeIndicador>; hoje: string }) {
  const ate = `de=${hoje.slice(0, 4)}-01-01&ate=${hoje}&comparar=ano-anterior`;
  const ateHoje = useDados<AteHoje>(`/v1/metricas?metrica=atendimento&agrupar=metrica&${ate}`, { cadaMs: DEPOIS_MS });
  return (
    <Cartao titulo={`Em ${hoje.slice(0, 4)}, até hoje`}>
      <Mostra dados={doAno}>
        {(r) => {
          const clientes = r.ateODia?.clientes ?? null;
          const rotulo = clientes === 1 ? 'cliente atendido' : 'clientes atendidos';
          return <Numero valor={numero(clientes)} rotulo={rotulo} nota={notaDosClientes(r)} />;
        }}
      </Mostra>
      <Mostra dados={ateHoje}>
        {({ total, anterior }) => (
          <Numero
            valor={numero(total)}
            rotulo={total === 1 ? 'interação contabilizada' : 'interações contabilizadas'}
            nota={`${numero(anterior.total)} até ${diaDoCalendario(anterior.ate)} (${contra(total, anterior.total)})`}
          />
        )}
      </Mostra>
    </Cartao>
  );
}

function porTipo({ porTipo }: RespostaDeIndicador): Barra[] {
  return Object.entries(porTipo ?? {}).map(([tipo, { atendimentos: n }]) => ({ nome: nomeDoTipo(tipo), n }));
}

function porProposta({ porPropostaValor }: RespostaDeIndicador): Barra[] {
  const propostas = Object.entries(porPropostaValor ?? {});
  return propostas.map(([proposta, { atendimentos: n }]) => ({ nome: nomeDaProposta(proposta), n }));
}

function porUnidade({ porUnidade }: RespostaDeIndicador): Barra[] {
  return Object.entries(porUnidade).map(([nome, { clientes: n }]) => ({ nome: nomeDaUnidade(nome), n }));
}

interface CorteProps {
  titulo: string;
  coluna: string;
  medida: string;
  dados: Dados<RespostaDeIndicador>;
  corte: (r: RespostaDeIndicador) => Barra[];
}

function Corte({ titulo, coluna, medida, dados, corte }: CorteProps) {
  return (
    <Cartao titulo={titulo}>
      <Mostra dados={dados}>
        {(r) => {
          const barras = corte(r);
          if (barras.length === 0) return <Vazio>Nada foi contado neste ano ainda.</Vazio>;
          return <Barras legenda={titulo} colunas={[coluna, medida]} barras={barras} />;
        }}
      </Mostra>
    </Cartao>
  );
}

/** What is happening now, and where the year stands. */
export function Pagina() {
  const hoje = diaIso(Date.now());
  const caminho = `/v1/indicadores/${PRINCIPAL}?ate=${hoje}&comparar=ano-anterior`;
  const doAno = useDados<RespostaDeIndicador>(caminho, { cadaMs: LOGO_MS });
  return (
    <div class="grade">
      <PorMinuto />
      <NoAno doAno={doAno} hoje={hoje} />
      <Corte
        titulo="Atendimentos por proposta de valor"
        coluna="proposta de valor"
        medida="atendimentos"
        dados={doAno}
        corte={porProposta}
      />
      <Corte
        titulo="Clientes atendidos por unidade"
        coluna="unidade"
        medida="clientes"
        dados={doAno}
        corte={porUnidade}
      />
      <Corte titulo="Atendimentos por tipo" coluna="tipo" medida="atendimentos" dados={doAno} corte={porTipo} />
    </div>
  );
}
