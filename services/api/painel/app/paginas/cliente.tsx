import { useRef, useState } from 'preact/hooks';
import type { RespostaDeCliente } from '../../../clientes.ts';
import type { ClienteDoDocumento } from '../../cliente.ts';
import { Entregas } from '../cliente/entregas.tsx';
import { ErroDaApi, envia } from '../nucleo/api.ts';
import { useDados } from '../nucleo/dados.ts';
import { dia, numero } from '../nucleo/formato.ts';
import { enderecoDe, rota, vai } from '../nucleo/rota.ts';
import { nomeDaMetrica, rotulos } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { ErroDoPedido } from '../partes/erro.tsx';
import { Mostra, Vazio } from '../partes/estado.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';

/**
 * The document goes in a body and is forgotten: the address has the id alone.
 * @param id who is shown below, or null
 */
function Busca({ id }: { id: string | null }) {
  const campo = useRef<HTMLInputElement>(null);
  const [falha, falhou] = useState<ErroDaApi | null>(null);
  // Who is shown is found: the way back may lead to her from a search that was refused.
  const erro = id === null ? falha : null;
  const [buscando, busca] = useState(false);
  const procura = async (evento: SubmitEvent): Promise<void> => {
    evento.preventDefault();
    const documento = campo.current?.value.trim() ?? '';
    if (documento === '') return;
    busca(true);
    try {
      const achado = await envia<ClienteDoDocumento>('/painel/dados/cliente', { documento });
      if (campo.current !== null) campo.current.value = '';
      falhou(null);
      vai(enderecoDe('cliente', { id: achado.id }));
    } catch (error) {
      if (!(error instanceof ErroDaApi)) throw error;
      falhou(error);
      // Below the refusal who was found before would pass for the one asked for.
      if (rota.value.consulta.has('id')) vai(enderecoDe('cliente'));
      campo.current?.select();
    }
    busca(false);
  };
  return (
    <form class="cartao" autocomplete="off" onSubmit={(e) => void procura(e)}>
      <label for="documento">CPF, CNPJ ou id do cliente</label>
      <div class="filtros">
        <input
          id="documento"
          ref={campo}
          maxLength={64}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          required
          aria-invalid={erro !== null}
          aria-describedby="sobre-o-documento"
        />
        <button type="submit" class="principal" disabled={buscando}>
          Buscar
        </button>
      </div>
      <ErroDoPedido erro={erro} />
      <p id="sobre-o-documento" class="fraco">
        Com ou sem pontuação. O CPF não fica no endereço nem no histórico do navegador: só o id, de que ele não se
        obtém.
      </p>
    </form>
  );
}

type Ano = RespostaDeCliente['anos'][string];

const nomesDe = (contagem: Readonly<Record<string, number>>): string =>
  Object.entries(contagem)
    .map(([nome, n]) => `${nomeDaMetrica(nome)}: ${numero(n)}`)
    .join(', ');

/** Each indicator once: one by month has a period for each of them. */
function indicadoresDe({ indicadores }: Ano): string {
  const codigos = new Set(indicadores.map((i) => i.codigo));
  return [...codigos].map((c) => rotulos.value?.indicadores[c] ?? c).join(', ');
}

/** A year, with its name. */
type NoAno = Ano & { ano: string };

const COLUNAS: readonly Coluna<NoAno>[] = [
  { titulo: 'Ano', celula: (a) => a.ano },
  {
    titulo: 'Situação',
    celula: (a) => (
      <span class={a.atendido ? 'selo bom' : 'selo neutro'}>{a.atendido ? 'atendido' : 'não atendido'}</span>
    ),
  },
  { titulo: 'Atendimentos', n: true, celula: (a) => numero(a.atendimentos) },
  { titulo: 'Primeiro', celula: (a) => (a.primeiro === null ? '–' : dia(a.primeiro)) },
  { titulo: 'Último', celula: (a) => (a.ultimo === null ? '–' : dia(a.ultimo)) },
  { titulo: 'Interações que não contam', celula: (a) => nomesDe(a.outrasMetricas) || '–' },
  { titulo: 'Conta nos indicadores', celula: (a) => indicadoresDe(a) || '–' },
];

function Situacao({ cliente: { id, anos } }: { cliente: RespostaDeCliente }) {
  const ordem = Object.entries(anos).map(([ano, a]): NoAno => ({ ...a, ano }));
  ordem.sort((a, b) => Number(b.ano) - Number(a.ano));
  return (
    <>
      <Cartao titulo="Situação por ano" largo>
        <p class="mono" data-cliente={id}>
          {id.startsWith('pf:') ? 'Pessoa' : 'Empresa'} {id}
        </p>
        <Tabela legenda="Situação por ano" colunas={COLUNAS} linhas={ordem} chave={(a) => a.ano} />
      </Cartao>
      <Entregas id={id} anos={ordem.map((a) => a.ano)} />
    </>
  );
}

function DoCliente({ id }: { id: string }) {
  const cliente = useDados<RespostaDeCliente>(`/v1/clientes/${encodeURIComponent(id)}`);
  if (cliente.erro?.codigo === 'CLIENTE_NAO_ENCONTRADO') {
    return <Vazio>Nenhuma interação deste cliente foi recebida.</Vazio>;
  }
  return <Mostra dados={cliente}>{(c) => <Situacao cliente={c} />}</Mostra>;
}

/** A client: whether atendido in each year, and by which deliveries. */
export function Pagina() {
  const id = rota.value.consulta.get('id');
  return (
    <div class="pilha">
      <Busca id={id} />
      {id === null ? <Vazio>Busque um cliente para ver sua situação.</Vazio> : <DoCliente key={id} id={id} />}
    </div>
  );
}
