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

function corpoDe(inteiro: boolean, linhas: readonly Linha[], texto: string): object | string {
  if (!inteiro) {
    const edicoes = linhas.filter((l) => l.campo.trim() !== '').map((l) => ({ ...l, campo: l.campo.trim() }));
    return edicoes.length === 0 ? 'Diga ao menos um campo.' : { edicoes };
  }
  const lido = leJson(texto);
  return lido.ok ? { evento: lido.valor } : lido.mensagem;
}

/** Keeps a corrected copy: some fields of the record, or a whole event in its place. Nothing is sent by it. */
export function Correcao({ id, legivel, aoCorrigir }: Props) {
  const [inteiro, trocaModo] = useState(!legivel);
  const [linhas, mudaLinhas] = useState<Linha[]>([VAZIA]);
  const [texto, escreve] = useState('');
  const [outraIdentidade, comOutra] = useState(false);
  const [erro, falhou] = useState<ErroDaApi | string | null>(null);
  const [feita, mostra] = useState<Corrigida | null>(null);
  const guarda = async (evento: SubmitEvent): Promise<void> => {
    evento.preventDefault();
    const corpo = corpoDe(inteiro, linhas, texto);
    mostra(null);
    if (typeof corpo === 'string') {
      falhou(corpo);
      return;
    }
    try {
      mostra(await envia<Corrigida>('/painel/dados/quarentena/correcao', { id, ...corpo, outraIdentidade }));
      falhou(null);
      escreve('');
      aoCorrigir();
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      falhou(error);
    }
  };
  return (
    <form onSubmit={(e) => void guarda(e)} autocomplete="off">
      {legivel ? (
        <label class="marca-de">
          <input type="checkbox" checked={inteiro} onChange={(e) => trocaModo(e.currentTarget.checked)} /> dar o evento
          inteiro, em vez de campos
        </label>
      ) : null}
      {inteiro ? (
        <>
          <label for="evento-corrigido">Evento corrigido, em JSON</label>
          <textarea
            id="evento-corrigido"
            class="mono codigo"
            rows={10}
            spellcheck={false}
            autocomplete="off"
            value={texto}
            onInput={(e) => escreve(e.currentTarget.value)}
          />
        </>
      ) : (
        <>
          <p class="fraco">{AJUDA}</p>
          <Linhas linhas={linhas} muda={mudaLinhas} />
        </>
      )}
      <label class="marca-de">
        <input type="checkbox" checked={outraIdentidade} onChange={(e) => comOutra(e.currentTarget.checked)} /> o source
        ou o id é que estavam errados
      </label>
      <button type="submit" class="principal">
        Guardar correção
      </button>
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
    </form>
  );
}
