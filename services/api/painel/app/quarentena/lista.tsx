import type { ListaDaQuarentena, RegistroDaLista, ResumoDaQuarentena } from '../../indice/consulta.ts';
import { instante, numero, quantos } from '../nucleo/formato.ts';
import { type Paginado, usePaginas } from '../nucleo/paginas.ts';
import { enderecoDe } from '../nucleo/rota.ts';
import { nomeDaUnidade, nomeDoMotivo, nomeDoTipo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Carregando, Mostra, Vazio } from '../partes/estado.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';
import { caminhoDaLista, type Escolha, filtrosDe, naConsulta, seReenvia } from './escolha.ts';
import { Filtros } from './filtros.tsx';
import { Reenvio } from './reenvio.tsx';

/** The chosen records, in pages. */
export const useLista = (escolha: Escolha): Paginado<ListaDaQuarentena> =>
  usePaginas<RegistroDaLista, ListaDaQuarentena>(caminhoDaLista(escolha));

function situacaoDe({ corrigidaPor, reenviadaPor }: RegistroDaLista): string {
  if (reenviadaPor !== null) return `reenviado por ${reenviadaPor}`;
  return corrigidaPor === null ? 'espera' : `corrigido por ${corrigidaPor}`;
}

const colunasDe = (escolha: Escolha): readonly Coluna<RegistroDaLista>[] => [
  {
    titulo: 'Registro',
    celula: (um) => <a href={enderecoDe('quarentena', naConsulta(escolha, um.id))}>{um.id}</a>,
  },
  { titulo: 'Separado em', celula: (um) => instante(um.postaEm) },
  {
    titulo: 'Fonte e evento',
    celula: (um) => (
      <>
        {um.source ?? '–'}
        <div class="fraco">{um.evento ?? '(ilegível)'}</div>
      </>
    ),
  },
  {
    titulo: 'Unidade e tipo',
    celula: (um) => (
      <>
        {um.unidade === null ? '–' : nomeDaUnidade(um.unidade)}
        <div class="fraco">{um.tipoSolucao === null ? '–' : nomeDoTipo(um.tipoSolucao)}</div>
      </>
    ),
  },
  {
    titulo: 'O que há de errado',
    celula: (um) => (
      <>
        {um.detalhe}
        <div class="fraco">{um.motivo}</div>
      </>
    ),
  },
  { titulo: 'Situação', celula: situacaoDe },
];

function Registros({ lista, valor, escolha }: { lista: DaLista['lista']; valor: ListaDaQuarentena; escolha: Escolha }) {
  const { total, itens } = valor;
  if (total === 0) return <Vazio>Nenhum registro com estes filtros.</Vazio>;
  return (
    <>
      <Tabela
        legenda="Registros em quarentena, os mais novos primeiro"
        colunas={colunasDe(escolha)}
        linhas={itens}
        chave={(um) => um.id}
        marca={(um) => ({ 'data-registro': um.id })}
      />
      <p class="fraco" role="status" data-total={total}>
        {numero(itens.length)} de {quantos(total, 'registro', 'registros')}
      </p>
      {lista.mais === null ? null : (
        <button type="button" onClick={lista.mais} disabled={lista.buscandoMais}>
          Mostrar mais
        </button>
      )}
    </>
  );
}

interface DaLista {
  lista: Paginado<ListaDaQuarentena>;
  escolha: Escolha;
  /** What there is to choose from; undefined: not known yet. */
  resumo: ResumoDaQuarentena | undefined;
  aoReenviar: () => void;
}

/** The records that are chosen, and what may be done of all of them together. */
export function ListaDeRegistros({ lista, escolha, resumo, aoReenviar }: DaLista) {
  const titulo = escolha.motivo === '' ? 'Registros' : nomeDoMotivo(escolha.motivo);
  const carregando = lista.valor === undefined && lista.erro?.codigo === 'QUARENTENA_CARREGANDO';
  return (
    <Cartao titulo={titulo} largo>
      <Filtros escolha={escolha} resumo={resumo} />
      {carregando ? (
        <Carregando texto="Os registros aparecem quando a leitura acabar." />
      ) : (
        <Mostra dados={lista}>{(valor) => <Registros lista={lista} valor={valor} escolha={escolha} />}</Mostra>
      )}
      {seReenvia(escolha) ? (
        <>
          <h3>Reenviar todos os que estes filtros mostram</h3>
          <Reenvio selecao={filtrosDe(escolha)} aoReenviar={aoReenviar} />
        </>
      ) : null}
    </Cartao>
  );
}
