import type { RespostaDeIndicador } from '../../../indicadores.ts';
import { Multiplos } from '../indicadores/multiplos.tsx';
import { contra as variacao } from '../indicadores/no-ano.ts';
import { acabou, periodosDe } from '../indicadores/periodos.ts';
import { type Dados, useDados } from '../nucleo/dados.ts';
import { diaIso, mes, numero } from '../nucleo/formato.ts';
import { comConsulta, enderecoDe, rota, vai } from '../nucleo/rota.ts';
import { nomeDaProposta, nomeDaUnidade, nomeDoTipo, opcoesDeTipo } from '../nucleo/rotulos.ts';
import { type Barra, Barras } from '../partes/barras.tsx';
import { Cartao, Numero } from '../partes/cartao.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { Filtro } from '../partes/filtro.tsx';

const PRINCIPAL = 'clientes-atendidos';
const DEPOIS_MS = 30_000;

/** As GET /v1/indicadores has them. */
interface Indicador {
  codigo: string;
  nome: string;
  publico: readonly string[];
  periodo: 'ano' | 'mes';
}

/** What is chosen, as the address has it; empty: the usual one. */
interface Escolha {
  codigo: string;
  periodo: string;
  unidade: string;
  tipo: string;
}

function escolhaDe(consulta: URLSearchParams): Escolha {
  const de = (nome: string): string => consulta.get(nome) ?? '';
  return { codigo: de('codigo') || PRINCIPAL, periodo: de('periodo'), unidade: de('unidade'), tipo: de('tipo') };
}

function caminhoDe({ codigo, periodo, unidade, tipo }: Escolha, mais: Record<string, string> = {}): string {
  const consulta = { periodo, unidade, tipoSolucao: tipo, comparar: 'anterior', ...mais };
  return comConsulta(`/v1/indicadores/${encodeURIComponent(codigo)}`, consulta);
}

const nomeDoPeriodo = (periodo: string): string => (periodo.length > 4 ? mes(periodo) : periodo);

interface FiltrosProps {
  escolha: Escolha;
  indicadores: readonly Indicador[];
  unidades: readonly string[];
  hoje: string;
}

function Filtros({ escolha, indicadores, unidades, hoje }: FiltrosProps) {
  const muda = (parte: Partial<Escolha>): void => vai(enderecoDe('indicadores', { ...escolha, ...parte }));
  const tipoDePeriodo = indicadores.find((i) => i.codigo === escolha.codigo)?.periodo ?? 'ano';
  const periodos = periodosDe(tipoDePeriodo, hoje);
  const tipos = opcoesDeTipo();
  return (
    <div class="filtros">
      <Filtro
        rotulo="Indicador"
        valor={escolha.codigo}
        opcoes={indicadores.map((i) => [i.codigo, i.nome] as const)}
        muda={(codigo) => muda({ codigo, periodo: '' })}
      />
      <Filtro
        rotulo="Período"
        valor={escolha.periodo || (periodos[0] ?? '')}
        opcoes={periodos.map((p) => [p, nomeDoPeriodo(p)] as const)}
        muda={(periodo) => muda({ periodo })}
      />
      <Filtro
        rotulo="Unidade"
        valor={escolha.unidade}
        opcoes={[['', 'todas'], ...unidades.map((u) => [u, nomeDaUnidade(u)] as const)]}
        muda={(unidade) => muda({ unidade })}
      />
      <Filtro rotulo="Tipo" valor={escolha.tipo} opcoes={[['', 'todos'], ...tipos]} muda={(tipo) => muda({ tipo })} />
      <a href={caminhoDe(escolha, { formato: 'csv' })} download>
        Baixar CSV
      </a>
    </div>
  );
}

/** A number of the period before; a share only where both are whole. */
function contra(agora: number, antes: number, { periodo, anterior }: RespostaDeIndicador, hoje: string): string {
  const deAntes = `${numero(antes)} em ${nomeDoPeriodo(anterior?.periodo ?? '')}`;
  if (!acabou(periodo, hoje)) return `${deAntes}, inteiro`;
  return `${deAntes} (${variacao(agora, antes)})`;
}

function Total({ r, hoje }: { r: RespostaDeIndicador; hoje: string }) {
  const { clientes, atendimentos, anterior, periodo, nome } = r;
  return (
    <Cartao titulo={`${nome}, ${nomeDoPeriodo(periodo)}${acabou(periodo, hoje) ? '' : ' até hoje'}`} largo>
      <div class="numeros">
        <Numero
          valor={numero(clientes)}
          rotulo={clientes === 1 ? 'cliente' : 'clientes'}
          nota={anterior && contra(clientes, anterior.clientes, r, hoje)}
        />
        <Numero
          valor={numero(atendimentos)}
          rotulo={atendimentos === 1 ? 'atendimento' : 'atendimentos'}
          nota={anterior && contra(atendimentos, anterior.atendimentos, r, hoje)}
        />
      </div>
    </Cartao>
  );
}

type Valores = Readonly<Record<string, { clientes?: number; atendimentos: number }>> | null;

interface CorteProps {
  titulo: string;
  coluna: string;
  medida: 'clientes' | 'atendimentos';
  valores: Valores;
  nome: (codigo: string) => string;
  nota?: string;
}

function Corte({ titulo, coluna, medida, valores, nome, nota }: CorteProps) {
  const barras: Barra[] = Object.entries(valores ?? {}).map(([v, m]) => ({ nome: nome(v), n: m[medida] ?? 0 }));
  return (
    <Cartao titulo={titulo}>
      {valores === null ? <Vazio>Este corte não se guarda junto com o filtro de tipo.</Vazio> : null}
      {valores !== null && barras.length === 0 ? <Vazio>Nada foi contado.</Vazio> : null}
      {barras.length === 0 ? null : <Barras legenda={titulo} colunas={[coluna, medida]} barras={barras} />}
      {nota === undefined || barras.length === 0 ? null : <p class="fraco">{nota}</p>}
    </Cartao>
  );
}

const MODALIDADES: Readonly<Record<string, string>> = { presencial: 'Presencial', 'a-distancia': 'A distância' };
const SOMA = 'Um cliente atendido por duas unidades está em ambas: a soma pode passar do total.';

function Numeros({ r, hoje }: { r: RespostaDeIndicador; hoje: string }) {
  return (
    <div class="grade">
      <Total r={r} hoje={hoje} />
      <Multiplos r={r} hoje={hoje} />
      <Corte
        titulo="Clientes por unidade"
        coluna="unidade"
        medida="clientes"
        valores={r.porUnidade}
        nome={nomeDaUnidade}
        nota={SOMA}
      />
      <Corte titulo="Clientes por tipo" coluna="tipo" medida="clientes" valores={r.porTipo} nome={nomeDoTipo} />
      <Corte
        titulo="Atendimentos por proposta de valor"
        coluna="proposta de valor"
        medida="atendimentos"
        valores={r.porPropostaValor}
        nome={nomeDaProposta}
      />
      <Corte
        titulo="Clientes por modalidade"
        coluna="modalidade"
        medida="clientes"
        valores={r.porModalidade}
        nome={(m) => MODALIDADES[m] ?? m}
      />
    </div>
  );
}

/** Every unit that had anything, by the answer without a filter of unit; null until it is known. */
function useUnidades(escolha: Escolha): string[] {
  const sem = useDados<RespostaDeIndicador>(caminhoDe({ ...escolha, unidade: '', tipo: '' }));
  return Object.keys(sem.valor?.porUnidade ?? {}).sort();
}

/** Any indicator, in any period and unit, against the period before. */
export function Pagina() {
  const hoje = diaIso(Date.now());
  const escolha = escolhaDe(rota.value.consulta);
  const lista: Dados<Indicador[]> = useDados<Indicador[]>('/v1/indicadores');
  const unidades = useUnidades(escolha);
  const dados = useDados<RespostaDeIndicador>(caminhoDe(escolha), { cadaMs: DEPOIS_MS });
  return (
    <>
      <Mostra dados={lista}>
        {(indicadores) => <Filtros escolha={escolha} indicadores={indicadores} unidades={unidades} hoje={hoje} />}
      </Mostra>
      <Mostra dados={dados}>{(r) => <Numeros r={r} hoje={hoje} />}</Mostra>
    </>
  );
}
