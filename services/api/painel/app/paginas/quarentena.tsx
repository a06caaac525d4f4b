import type { MotivoEmResumo, Resumo } from '#platform/quarentena/resumo.ts';
import type { ListaDaQuarentena } from '../../quarentena.ts';
import { useDados } from '../nucleo/dados.ts';
import { instante, numero } from '../nucleo/formato.ts';
import { enderecoDe, rota } from '../nucleo/rota.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';
import { Reenvio } from '../quarentena/reenvio.tsx';
import { Registro } from '../quarentena/registro.tsx';
import { Tendencia } from '../quarentena/tendencia.tsx';

const DEPOIS_MS = 30_000;

function colunasDosMotivos(dias: readonly string[], atual: string | null): Coluna<MotivoEmResumo>[] {
  const nome = ({ motivo }: MotivoEmResumo) => (
    <>
      <a href={enderecoDe('quarentena', { motivo })} aria-current={motivo === atual ? 'true' : undefined}>
        {nomeDoMotivo(motivo)}
      </a>
      <div class="fraco">{motivo}</div>
    </>
  );
  return [
    { titulo: 'Motivo', celula: nome },
    { titulo: 'Esperam', n: true, celula: (m) => numero(m.esperam) },
    { titulo: 'Corrigidas', n: true, celula: (m) => numero(m.corrigidas) },
    { titulo: `${dias.length} dias`, celula: (m) => <Tendencia dias={dias} porDia={m.porDia} /> },
  ];
}

function PorMotivo({ r, motivo }: { r: Resumo; motivo: string | null }) {
  if (r.motivos.length === 0) return <Vazio>Nada espera na quarentena.</Vazio>;
  return (
    <>
      <p>
        <strong data-esperam={r.esperam}>{numero(r.esperam)}</strong> esperam. A tendência conta também as que já
        voltaram.
      </p>
      <Tabela
        legenda="Quarentena por motivo"
        colunas={colunasDosMotivos(r.dias, motivo)}
        linhas={r.motivos}
        chave={(m) => m.motivo}
        marca={(m) => ({ 'data-motivo': m.motivo })}
      />
    </>
  );
}

type Pendente = ListaDaQuarentena['registros'][number];

const DA_LISTA: readonly Coluna<Pendente>[] = [
  {
    titulo: 'Registro',
    celula: (um) => <a href={enderecoDe('quarentena', { motivo: um.motivo, id: um.id })}>{um.id}</a>,
  },
  { titulo: 'Posta de lado', celula: (um) => instante(um.postaEm) },
  {
    titulo: 'Fonte e evento',
    celula: (um) => (
      <>
        {um.source ?? '–'}
        <div class="fraco">{um.evento ?? '(ilegível)'}</div>
      </>
    ),
  },
  { titulo: 'O que há de errado', celula: (um) => um.detalhe },
  { titulo: 'Corrigida', celula: (um) => (um.corrigidaPor === null ? 'não' : `por ${um.corrigidaPor}`) },
];

function Lista({ lista: { total, registros } }: { lista: ListaDaQuarentena }) {
  if (total === 0) return <Vazio>Nada espera por este motivo.</Vazio>;
  return (
    <>
      <Tabela
        legenda="Registros que esperam, os mais novos primeiro"
        colunas={DA_LISTA}
        linhas={registros}
        chave={(um) => um.id}
        marca={(um) => ({ 'data-registro': um.id })}
      />
      {total > registros.length ? (
        <p class="fraco">
          As {numero(registros.length)} mais novas de {numero(total)}.
        </p>
      ) : null}
    </>
  );
}

/** What waits, by reason; one record; its correction and its replay. */
export function Pagina() {
  const { consulta } = rota.value;
  const [motivo, id] = [consulta.get('motivo'), consulta.get('id')];
  const resumo = useDados<Resumo>('/painel/dados/quarentena', { cadaMs: DEPOIS_MS });
  const caminho = motivo && `/painel/dados/quarentena/registros?motivo=${encodeURIComponent(motivo)}`;
  const lista = useDados<ListaDaQuarentena>(caminho);
  const mudou = (): void => {
    resumo.recarrega();
    lista.recarrega();
  };
  return (
    <div class="pilha">
      <Cartao titulo="Por motivo" largo>
        <Mostra dados={resumo}>{(r) => <PorMotivo r={r} motivo={motivo} />}</Mostra>
      </Cartao>
      {id === null ? null : <Registro key={id} id={id} aoMudar={mudou} />}
      {motivo === null ? null : (
        <Cartao titulo={nomeDoMotivo(motivo)} largo>
          <Mostra dados={lista}>{(l) => <Lista lista={l} />}</Mostra>
          <h3>Reenviar todas deste motivo</h3>
          <Reenvio selecao={{ motivo }} aoReenviar={mudou} />
        </Cartao>
      )}
    </div>
  );
}
