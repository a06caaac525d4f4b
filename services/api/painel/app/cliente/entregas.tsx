import type { ComponentChildren } from 'preact';
import type { PaginaDeEntregas } from '../../../entregas.ts';
import { clausulaPorExtenso } from '../decisao/clausula.ts';
import { VerDecisao } from '../decisao/ver-decisao.tsx';
import { instante, numero, quantos } from '../nucleo/formato.ts';
import { usePaginas } from '../nucleo/paginas.ts';
import { comConsulta, enderecoDe, rota, vai } from '../nucleo/rota.ts';
import { nomeDaModalidade, nomeDaProposta, opcoesDeTipo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { Filtro } from '../partes/filtro.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';

type Entrega = PaginaDeEntregas['itens'][number];

const POR_PAGINA = '50';
/** The most that one answer holds. */
const NO_ARQUIVO = 10_000;

const SITUACOES = {
  conta: { classe: 'bom', texto: 'conta', dica: 'É a entrega.' },
  repetida: { classe: 'neutro', texto: 'repetida', dica: 'Outra, anterior, é a mesma entrega.' },
  estornada: { classe: 'atencao', texto: 'estornada', dica: 'Foi desfeita por um estorno.' },
} as const;

function Situacao({ e }: { e: Entrega }) {
  const { classe, texto, dica } = SITUACOES[e.situacao];
  return (
    <span class={`selo ${classe}`} title={dica}>
      {texto}
    </span>
  );
}

/** Something, and what is to be known of it besides. */
function Dupla({ de, mais }: { de: ComponentChildren; mais: string | null }) {
  return (
    <>
      {de}
      {mais === null ? null : <div class="fraco">{mais}</div>}
    </>
  );
}

function clausula({ regra, rulebook }: Entrega) {
  const de = regra === null ? 'sem cláusula' : <span title={clausulaPorExtenso(regra)}>{regra}</span>;
  return <Dupla de={de} mais={`rulebook ${rulebook}`} />;
}

const caminhoDoEvento = (cliente: string, { source, evento: id, time }: Entrega): string =>
  comConsulta('/painel/dados/evento', { cliente, source, id, time });

const colunasDe = (cliente: string): readonly Coluna<Entrega>[] => [
  { titulo: 'Quando', celula: (e) => instante(e.time) },
  {
    titulo: 'Entrega',
    celula: (e) => (
      <Dupla de={e.nome ?? e.tipoSolucao} mais={e.propostaValor === null ? null : nomeDaProposta(e.propostaValor)} />
    ),
  },
  { titulo: 'Cláusula', celula: clausula },
  { titulo: 'Situação', celula: (e) => <Situacao e={e} /> },
  { titulo: 'Quantidade', n: true, celula: (e) => numero(e.quantidade) },
  { titulo: 'Unidade', celula: (e) => e.unidade },
  { titulo: 'Modalidade', celula: (e) => nomeDaModalidade(e.modalidade) },
  { titulo: 'Origem', celula: (e) => <Dupla de={e.source} mais={e.evento} /> },
  {
    titulo: 'Decisão',
    celula: (e) => <VerDecisao caminho={caminhoDoEvento(cliente, e)} texto="Por que contou?" />,
  },
];

/** What is chosen, as the address has it. */
type Escolha = Record<'ano' | 'tipo' | 'situacao', string>;

function escolhaDe(consulta: URLSearchParams): Escolha {
  const de = (nome: string): string => consulta.get(nome) ?? '';
  return { ano: de('ano'), tipo: de('tipo'), situacao: de('situacao') };
}

function caminhoDe(id: string, { ano, tipo, situacao }: Escolha, mais: Record<string, string>): string {
  return comConsulta(`/v1/clientes/${encodeURIComponent(id)}/entregas`, { ano, tipoSolucao: tipo, situacao, ...mais });
}

function Filtros({ id, anos, escolha }: { id: string; anos: readonly string[]; escolha: Escolha }) {
  const muda = (parte: Partial<Escolha>): void => vai(enderecoDe('cliente', { id, ...escolha, ...parte }), true);
  const tipos = opcoesDeTipo();
  const situacoes = Object.entries(SITUACOES).map(([codigo, { texto }]) => [codigo, texto] as const);
  return (
    <div class="filtros">
      <Filtro
        rotulo="Ano"
        valor={escolha.ano}
        opcoes={[['', 'todos'], ...anos.map((a) => [a, a] as const)]}
        muda={(ano) => muda({ ano })}
      />
      <Filtro rotulo="Tipo" valor={escolha.tipo} opcoes={[['', 'todos'], ...tipos]} muda={(tipo) => muda({ tipo })} />
      <Filtro
        rotulo="Situação"
        valor={escolha.situacao}
        opcoes={[['', 'todas'], ...situacoes]}
        muda={(situacao) => muda({ situacao })}
      />
      <a href={caminhoDe(id, escolha, { limite: String(NO_ARQUIVO), formato: 'csv' })} download>
        Baixar CSV
      </a>
    </div>
  );
}

/** The history of a client's deliveries, the newest first, each with the clause it counts by. */
export function Entregas({ id, anos }: { id: string; anos: readonly string[] }) {
  const escolha = escolhaDe(rota.value.consulta);
  const paginas = usePaginas<Entrega, PaginaDeEntregas>(caminhoDe(id, escolha, { limite: POR_PAGINA }));
  return (
    <Cartao titulo="Histórico de entregas" largo>
      <Filtros id={id} anos={anos} escolha={escolha} />
      <Mostra dados={paginas}>
        {({ total, itens }) =>
          total === 0 ? (
            <Vazio>Nenhuma entrega com estes filtros. As interações que não contam têm só número, acima.</Vazio>
          ) : (
            <>
              <Tabela
                legenda="Entregas, da mais nova para a mais antiga"
                colunas={colunasDe(id)}
                linhas={itens}
                chave={(e) => `${e.source} ${e.evento}`}
                marca={(e) => ({ 'data-entrega': e.evento })}
              />
              <p class="fraco" role="status">
                {numero(itens.length)} de {quantos(total, 'entrega', 'entregas')}
                {total > NO_ARQUIVO
                  ? `. O CSV traz as ${numero(NO_ARQUIVO)} mais novas: filtre por ano para ter as outras`
                  : ''}
              </p>
              {paginas.mais === null ? null : (
                <button type="button" onClick={paginas.mais} disabled={paginas.buscandoMais}>
                  Mostrar mais
                </button>
              )}
            </>
          )
        }
      </Mostra>
    </Cartao>
  );
}
