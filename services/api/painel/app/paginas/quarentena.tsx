import type { MotivoEmResumo, Resumo } from '#platform/quarentena/resumo.ts';
import type { ListaDaQuarentena } from '../../quarentena.ts';
import { useDados } from '../nucleo/dados.ts';
import { instante, numero } from '../nucleo/formato.ts';
import { enderecoDe, rota } from '../nucleo/rota.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { Tabela } from '../partes/tabela.tsx';
import { Reenvio } from '../quarentena/reenvio.tsx';
import { Registro } from '../quarentena/registro.tsx';
import { Tendencia } from '../quarentena/tendencia.tsx';

const DEPOIS_MS = 30_000;

function LinhaDoMotivo({ m, dias, atual }: { m: MotivoEmResumo; dias: readonly string[]; atual: boolean }) {
  return (
    <tr data-motivo={m.motivo}>
      <th scope="row">
        <a href={enderecoDe('quarentena', { motivo: m.motivo })} aria-current={atual ? 'true' : undefined}>
          {nomeDoMotivo(m.motivo)}
        </a>
        <div class="fraco">{m.motivo}</div>
      </th>
      <td class="n">{numero(m.esperam)}</td>
      <td class="n">{numero(m.corrigidas)}</td>
      <td>
        <Tendencia dias={dias} porDia={m.porDia} />
      </td>
    </tr>
  );
}

const COLUNAS = ['Motivo', { titulo: 'Esperam', n: true }, { titulo: 'Corrigidas', n: true }, '14 dias'];

function PorMotivo({ r, motivo }: { r: Resumo; motivo: string | null }) {
  if (r.motivos.length === 0) return <Vazio>Nada espera na quarentena.</Vazio>;
  return (
    <>
      <p>
        <strong data-esperam={r.esperam}>{numero(r.esperam)}</strong> esperam. A tendência conta também as que já
        voltaram.
      </p>
      <Tabela legenda="Quarentena por motivo" colunas={COLUNAS}>
        {r.motivos.map((m) => (
          <LinhaDoMotivo key={m.motivo} m={m} dias={r.dias} atual={m.motivo === motivo} />
        ))}
      </Tabela>
    </>
  );
}

const DA_LISTA = ['Registro', 'Posta de lado', 'Fonte e evento', 'O que há de errado', 'Corrigida'];

function Lista({ lista: { total, registros }, motivo }: { lista: ListaDaQuarentena; motivo: string }) {
  if (total === 0) return <Vazio>Nada espera por este motivo.</Vazio>;
  return (
    <>
      <Tabela legenda="Registros que esperam, os mais novos primeiro" colunas={DA_LISTA}>
        {registros.map((um) => (
          <tr key={um.id} data-registro={um.id}>
            <th scope="row">
              <a href={enderecoDe('quarentena', { motivo, id: um.id })}>{um.id}</a>
            </th>
            <td>{instante(um.postaEm)}</td>
            <td class="mono">
              {um.source ?? '–'}
              <div class="fraco">{um.evento ?? '(ilegível)'}</div>
            </td>
            <td>{um.detalhe}</td>
            <td>{um.corrigidaPor === null ? 'não' : `por ${um.corrigidaPor}`}</td>
          </tr>
        ))}
      </Tabela>
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
          <Mostra dados={lista}>{(l) => <Lista lista={l} motivo={motivo} />}</Mostra>
          <h3>Reenviar todas deste motivo</h3>
          <Reenvio selecao={{ motivo }} aoReenviar={mudou} />
        </Cartao>
      )}
    </div>
  );
}
