import { useState } from 'preact/hooks';
import type { Corrigida } from '#platform/quarentena/correcao.ts';
import { ErroDaApi, envia } from '../nucleo/api.ts';
import { leJson } from '../nucleo/json.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { ErroDoPedido } from '../partes/erro.tsx';
import { desfecho } from './palavras.ts';

interface Linha {
  campo: string;
  valor: string;
}

interface Props {
  id: string;
  /** It could be read: single fields can be put right. */
  legivel: boolean;
  aoCorrigir: () => void;
}

const VAZIA: Linha = { campo: '', valor: '' };

function Linhas({ linhas, muda }: { linhas: readonly Linha[]; muda: (linhas: Linha[]) => void }) {
  const troca = (n: number, parte: Partial<Linha>): void =>
    muda(linhas.map((l, i) => (i === n ? { ...l, ...parte } : l)));
  return (
    <>
      {linhas.map((linha, n) => (
        <div class="filtros" key={n}>
          <div>
            <label for={`campo-${n}`}>Campo</label>
            <input
              id={`campo-${n}`}
              class="mono"
              value={linha.campo}
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              placeholder="canal"
              onInput={(e) => troca(n, { campo: e.currentTarget.value })}
            />
          </div>
          <div>
            <label for={`valor-${n}`}>Valor</label>
            <input
              id={`valor-${n}`}
              class="mono"
              value={linha.valor}
              autocomplete="off"
              spellcheck={false}
              placeholder="telefone"
              onInput={(e) => troca(n, { valor: e.currentTarget.value })}
            />
          </div>
        </div>
      ))}
      <button type="button" class="discreto" onClick={() => muda([...linhas, VAZIA])}>
        Outro campo
      </button>
    </>
  );
}

const AJUDA =
  'Um campo de data (canal, solucaoId, cliente.pj.cnpj…), ou source, id, type, time. Sem valor, o campo sai. ' +
  'O cliente continua o mesmo, se não for mudado.';

function corpoDe({ inteiro, linhas, texto }: Rascunho): object | string {
  if (!inteiro) {
    const edicoes = linhas.filter((l) => l.campo.trim() !== '').map((l) => ({ ...l, campo: l.campo.trim() }));
    return edicoes.length === 0 ? 'Diga ao menos um campo.' : { edicoes };
  }
  const lido = leJson(texto);
  return lido.ok ? { evento: lido.valor } : lido.mensagem;
}

/** What is written so far. */
interface Rascunho {
  /** A whole event, instead of fields. */
  inteiro: boolean;
  linhas: readonly Linha[];
  texto: string;
  outraIdentidade: boolean;
}

/** The draft, what came of it, and how it is kept. */
function useCorrecao({ id, legivel, aoCorrigir }: Props) {
  const [rascunho, poe] = useState<Rascunho>({ inteiro: !legivel, linhas: [VAZIA], texto: '', outraIdentidade: false });
  const [erro, falhou] = useState<ErroDaApi | string | null>(null);
  const [feita, mostra] = useState<Corrigida | null>(null);
  const muda = (parte: Partial<Rascunho>): void => poe((antes) => ({ ...antes, ...parte }));
  const guarda = async (): Promise<void> => {
    const corpo = corpoDe(rascunho);
    mostra(null);
    if (typeof corpo === 'string') {
      falhou(corpo);
      return;
    }
    try {
      const pedido = { id, ...corpo, outraIdentidade: rascunho.outraIdentidade };
      mostra(await envia<Corrigida>('/painel/dados/quarentena/correcao', pedido));
      falhou(null);
      muda({ texto: '' });
      aoCorrigir();
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      falhou(error);
    }
  };
  return { rascunho, muda, guarda, erro, feita };
}

interface DoRascunho {
  rascunho: Rascunho;
  muda: (parte: Partial<Rascunho>) => void;
}

/** Where the corrected event, or its fields, are written. */
function Campos({ rascunho: { inteiro, linhas, texto }, muda }: DoRascunho) {
  if (!inteiro) {
    return (
      <>
        <p class="fraco">{AJUDA}</p>
        <Linhas linhas={linhas} muda={(novas) => muda({ linhas: novas })} />
      </>
    );
  }
  return (
    <>
      <label for="evento-corrigido">Evento corrigido, em JSON</label>
      <textarea
        id="evento-corrigido"
        class="mono codigo"
        rows={10}
        spellcheck={false}
        autocomplete="off"
        value={texto}
        onInput={(e) => muda({ texto: e.currentTarget.value })}
      />
    </>
  );
}

function Marca({ texto, marcada, muda }: { texto: string; marcada: boolean; muda: (marcada: boolean) => void }) {
  return (
    <label class="marca-de">
      <input type="checkbox" checked={marcada} onChange={(e) => muda(e.currentTarget.checked)} /> {texto}
    </label>
  );
}

function Desfecho({ erro, feita }: { erro: ErroDaApi | string | null; feita: Corrigida | null }) {
  return (
    <>
      {typeof erro === 'string' ? (
        <p class="erro" role="alert">
          {erro}
        </p>
      ) : (
        <ErroDoPedido erro={erro} />
      )}
      {feita === null ? null : (
        <p role="status" data-corrigida={feita.hoje.motivo}>
          Guardada, por {feita.por}. Hoje <strong>{desfecho(feita.hoje.resultado).texto}</strong>:{' '}
          {nomeDoMotivo(feita.hoje.motivo)} {feita.hoje.detalhe ?? ''} Nada foi enviado ainda.
        </p>
      )}
    </>
  );
}

/** Keeps a corrected copy: some fields of the record, or a whole event in its place. Nothing is sent by it. */
export function Correcao(props: Props) {
  const { rascunho, muda, guarda, erro, feita } = useCorrecao(props);
  const aoEnviar = (evento: SubmitEvent): void => {
    evento.preventDefault();
    void guarda();
  };
  return (
    <form onSubmit={aoEnviar} autocomplete="off">
      {props.legivel ? (
        <Marca
          texto="dar o evento inteiro, em vez de campos"
          marcada={rascunho.inteiro}
          muda={(inteiro) => muda({ inteiro })}
        />
      ) : null}
      <Campos rascunho={rascunho} muda={muda} />
      <Marca
        texto="o source ou o id é que estavam errados"
        marcada={rascunho.outraIdentidade}
        muda={(outraIdentidade) => muda({ outraIdentidade })}
      />
      <button type="submit" class="principal">
        Guardar correção
      </button>
      <Desfecho erro={erro} feita={feita} />
    </form>
  );
}
