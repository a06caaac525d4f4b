import type { RegistroDaQuarentena } from '../../quarentena.ts';
import { VerDecisao } from '../decisao/ver-decisao.tsx';
import { useDados } from '../nucleo/dados.ts';
import { instante } from '../nucleo/formato.ts';
import { comConsulta } from '../nucleo/rota.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Mostra } from '../partes/estado.tsx';
import { Correcao } from './correcao.tsx';
import { desfecho } from './palavras.ts';
import { Reenvio } from './reenvio.tsx';

function fatosDe(r: RegistroDaQuarentena): [string, string][] {
  const { topico, particao, posicao, recebidaEm } = r.origem;
  return [
    ['Evento', r.evento ?? '(sem id)'],
    ['Fonte', r.source ?? '(sem source)'],
    ['Separado em', `${instante(r.postaEm)}, por ${r.estagio}`],
    ['Recebido em', instante(recebidaEm)],
    ['Veio de', `${topico}/${particao}/${posicao}`],
    ['Rulebook', r.rulebook],
    ['Tentativa', String(r.tentativa)],
  ];
}

function Conteudo({ r }: { r: RegistroDaQuarentena }) {
  const conteudo = r.bytes === null ? JSON.stringify(r.interacao, null, 2) : `ilegível; em base64: ${r.bytes}`;
  return (
    <details>
      <summary>O registro, como veio</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what rolls must roll by keyboard too */}
      <pre class="rola" tabIndex={0}>
        {conteudo}
      </pre>
    </details>
  );
}

function Estado({ r }: { r: RegistroDaQuarentena }) {
  if (r.reenvio !== null) {
    return (
      <p data-resolvida={r.reenvio.por}>
        <span class="selo bom">resolvido</span> Reenviado por {r.reenvio.por} em {instante(r.reenvio.em)}.
      </p>
    );
  }
  const { classe, texto } = desfecho(r.hoje.resultado);
  return (
    <>
      {r.correcao === null ? null : (
        <p>
          <span class="selo atencao">corrigido</span> por {r.correcao.por} em {instante(r.correcao.em)}; espera o
          reenvio.
        </p>
      )}
      <p data-hoje={r.hoje.motivo}>
        Hoje <span class={`selo ${classe}`}>{texto}</span> {nomeDoMotivo(r.hoje.motivo)}{' '}
        <span class="fraco">{r.hoje.detalhe ?? ''}</span>
      </p>
    </>
  );
}

interface DoAberto {
  r: RegistroDaQuarentena;
  /** What is shown may be of before: the record is being read again. */
  relendo: boolean;
  aoMudar: () => void;
}

function Aberto({ r, relendo, aoMudar }: DoAberto) {
  return (
    <>
      <p>
        <strong>{r.descricao}</strong> <span class="fraco">({r.motivo})</span>
      </p>
      <p>{r.detalhe}</p>
      <Estado r={r} />
      <dl class="fatos">
        {fatosDe(r).map(([nome, valor]) => (
          <div key={nome}>
            <dt>{nome}</dt>
            <dd>{valor}</dd>
          </div>
        ))}
      </dl>
      <Conteudo r={r} />
      {r.interacao === null ? null : (
        <VerDecisao
          caminho={comConsulta('/painel/dados/quarentena/evento', { id: r.id })}
          texto="Ver a decisão passo a passo"
        />
      )}
      {r.reenvio !== null ? null : (
        <>
          <h3>Corrigir</h3>
          <Correcao id={r.id} legivel={r.interacao !== null} aoCorrigir={aoMudar} />
          <h3>Reenviar</h3>
          {/* What was rehearsed before a correction is no rehearsal of it. */}
          <Reenvio key={r.correcao?.em ?? ''} selecao={{ ids: [r.id] }} espera={relendo} aoReenviar={aoMudar} />
        </>
      )}
    </>
  );
}

/** One record, whole: why it waits, what it would be today, and the way out. */
export function Registro({ id, aoMudar }: { id: string; aoMudar: () => void }) {
  const registro = useDados<RegistroDaQuarentena>(`/painel/dados/quarentena/registro?id=${encodeURIComponent(id)}`);
  const mudou = (): void => {
    registro.recarrega();
    aoMudar();
  };
  return (
    <Cartao titulo={`Registro ${id}`} largo>
      <Mostra dados={registro}>{(r) => <Aberto r={r} relendo={registro.carregando} aoMudar={mudou} />}</Mostra>
    </Cartao>
  );
}
