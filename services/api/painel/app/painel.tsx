import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { PAGINAS, type Pagina, paginaDe } from '../paginas.ts';
import { Entrar } from './entrar.tsx';
import { rota, vai } from './nucleo/rota.ts';
import { pedeRotulos } from './nucleo/rotulos.ts';
import { naoSaiuPorque, sai, semSessaoPorque, sessao } from './nucleo/sessao.ts';
import { tema, trocaTema } from './nucleo/tema.ts';
import { CODIGO } from './paginas.ts';
import { Aviso, Carregando } from './partes/estado.tsx';

function Navegacao({ paginas }: { paginas: readonly string[] }) {
  const atual = rota.value.pagina;
  return (
    <nav aria-label="Páginas">
      <ul>
        {PAGINAS.filter((p) => paginas.includes(p.id)).map((p) => (
          <li key={p.id}>
            <a href={`/painel/${p.id}`} aria-current={p.id === atual ? 'page' : undefined}>
              {p.titulo}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Tema() {
  const outro = tema.value === 'claro' ? 'escuro' : 'claro';
  return (
    <button type="button" class="discreto" onClick={trocaTema} aria-label={`Usar o tema ${outro}`}>
      <span aria-hidden="true">{tema.value === 'claro' ? '☾' : '☀'}</span>
    </button>
  );
}

function Cabecalho() {
  const de = sessao.value;
  return (
    <header class="topo">
      <a class="marca" href="/painel/" aria-label="atendido: início">
        atendido
      </a>
      {de ? <Navegacao paginas={de.paginas} /> : <span class="espaco" />}
      <div class="conta">
        <Tema />
        {de ? (
          <>
            <span class="quem" title={`papéis: ${de.papeis.join(', ')}`}>
              {de.id}
            </span>
            <button type="button" class="discreto" onClick={() => void sai()}>
              Sair
            </button>
            {naoSaiuPorque.value === null ? null : (
              <span class="erro" role="alert">
                Você ainda não saiu: tente de novo. ({naoSaiuPorque.value.codigo})
              </span>
            )}
          </>
        ) : null}
      </div>
    </header>
  );
}

/** The page's title, which takes the focus when a person comes from another: a screen reader reads it. */
function Titulo({ texto }: { texto: string }) {
  const ref = useRef<HTMLHeadingElement>(null);
  const primeira = useRef(true);
  useEffect(() => {
    document.title = `${texto} · atendido`;
    if (!primeira.current) ref.current?.focus();
    primeira.current = false;
  }, [texto]);
  return (
    <h1 ref={ref} tabIndex={-1}>
      {texto}
    </h1>
  );
}

function Conteudo({ pagina }: { pagina: Pagina }) {
  const codigo = useSignal<{ id: string; Pagina: ComponentType } | null>(null);
  const falhou = useSignal(false);
  useEffect(() => {
    falhou.value = false;
    const carrega = CODIGO[pagina.id as keyof typeof CODIGO];
    carrega?.().then(
      (modulo) => {
        codigo.value = { id: pagina.id, Pagina: modulo.Pagina };
      },
      () => {
        falhou.value = true;
      },
    );
  }, [pagina.id, codigo, falhou]);
  if (CODIGO[pagina.id as keyof typeof CODIGO] === undefined) {
    return <Aviso titulo="Ainda não">Esta página ainda não existe.</Aviso>;
  }
  if (falhou.value) {
    return (
      <Aviso titulo="A página não pôde ser carregada">
        O painel pode ter sido atualizado.{' '}
        <button type="button" onClick={() => window.location.reload()}>
          Recarregar
        </button>
      </Aviso>
    );
  }
  if (codigo.value?.id !== pagina.id) return <Carregando />;
  const { Pagina: Corpo } = codigo.value;
  return <Corpo />;
}

function Dentro({ paginas }: { paginas: readonly string[] }) {
  const { pagina: id, consulta } = rota.value;
  const [primeira] = paginas;
  useEffect(() => void pedeRotulos(), [id]);
  useEffect(() => {
    const pedida = id === 'entrar' ? consulta.get('de') : null;
    const destino = pedida !== null && paginaDe(pedida.split('?', 1)[0] ?? '') !== undefined ? pedida : primeira;
    if ((id === '' || id === 'entrar') && destino !== undefined) vai(`/painel/${destino}`, true);
  }, [id, consulta, primeira]);
  const pagina = paginaDe(id);
  if (pagina !== undefined && paginas.includes(id)) {
    return (
      <>
        <Titulo texto={pagina.titulo} />
        <Conteudo pagina={pagina} />
      </>
    );
  }
  if (pagina !== undefined) {
    return (
      <>
        <Titulo texto={pagina.titulo} />
        <Aviso titulo="Sua chave não pode ver esta página">
          Ela pede o papel {pagina.papeis.join(' ou ')}. Peça à operação uma chave que o tenha.
        </Aviso>
      </>
    );
  }
  if ((id === '' || id === 'entrar') && primeira !== undefined) return <Carregando />;
  return (
    <>
      <Titulo texto="Não encontrada" />
      <Aviso titulo="Não há página neste endereço">Escolha uma no menu.</Aviso>
    </>
  );
}

/** The whole panel: what stands around the pages, and which of them is shown. */
export function Painel() {
  const de = sessao.value;
  const porque = semSessaoPorque.value;
  return (
    <>
      <a class="pula" href="#conteudo">
        Pular para o conteúdo
      </a>
      <Cabecalho />
      <main id="conteudo" tabIndex={-1}>
        {de === undefined && porque === null ? <Carregando /> : null}
        {de === undefined && porque !== null ? (
          <Aviso titulo={porque.problema.title}>{porque.problema.detail}</Aviso>
        ) : null}
        {de === null ? <Entrar /> : null}
        {de ? <Dentro paginas={de.paginas} /> : null}
      </main>
    </>
  );
}
