import { useEffect, useRef, useState } from 'preact/hooks';
import type { RespostaDeDecisao } from '../../../decisoes.ts';
import { clausulaPorExtenso } from '../decisao/clausula.ts';
import { escolhido } from '../decisao/escolhido.ts';
import { EXEMPLOS, textoDo } from '../decisao/exemplos.ts';
import { ErroDaApi, envia } from '../nucleo/api.ts';
import { leJson } from '../nucleo/json.ts';
import { nomeDaMetrica, nomeDaModalidade, nomeDaProposta, nomeDoMotivo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Carregando } from '../partes/estado.tsx';

/** After the last key, before it is asked. */
const PAUSA_MS = 350;

type Decisao = RespostaDeDecisao['decisao'];
type Passo = RespostaDeDecisao['passos'][number];

interface Ensaio {
  resposta: RespostaDeDecisao | null;
  /** What is wrong with the text; the answer, if any, is of before. */
  erro: ErroDaApi | { mensagem: string } | null;
  pensando: boolean;
}

/** The decision of an event that is being written: asked once the hands rest; of answers the last asked for holds. */
function useEnsaio(texto: string): Ensaio {
  const [ensaio, muda] = useState<Ensaio>({ resposta: null, erro: null, pensando: true });
  const vez = useRef(0);
  useEffect(() => {
    vez.current += 1;
    const minha = vez.current;
    const lido = leJson(texto);
    if (!lido.ok) {
      muda(({ resposta }) => ({ resposta, erro: { mensagem: lido.mensagem }, pensando: false }));
      return;
    }
    const pergunta = async (): Promise<void> => {
      try {
        const resposta = await envia<RespostaDeDecisao>('/v1/decisoes', lido.valor);
        if (vez.current === minha) muda({ resposta, erro: null, pensando: false });
      } catch (erro) {
        if (!(erro instanceof ErroDaApi)) throw erro;
        if (vez.current === minha) muda(({ resposta }) => ({ resposta, erro, pensando: false }));
      }
    };
    muda((antes) => ({ ...antes, pensando: true }));
    const espera = setTimeout(() => void pergunta(), PAUSA_MS);
    return () => clearTimeout(espera);
  }, [texto]);
  return ensaio;
}

function Erros({ erro }: { erro: Ensaio['erro'] }) {
  if (erro === null) return null;
  const daApi = erro instanceof ErroDaApi ? erro : null;
  return (
    <div id="erros-do-evento" class="aviso" role="alert">
      <h3>{daApi?.problema.title ?? 'O evento não pôde ser lido'}</h3>
      {daApi?.problema.erros === undefined ? (
        <p>
          {'mensagem' in erro ? erro.mensagem : erro.message}{' '}
          {daApi === null ? null : <span class="fraco">({daApi.codigo})</span>}
        </p>
      ) : (
        <ul>
          {daApi.problema.erros.map(({ campo, mensagem }) => (
            <li key={`${campo}${mensagem}`}>
              <code>{campo === '' ? 'evento' : campo}</code>: {mensagem}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const DESFECHOS: Record<Decisao['resultado'], { classe: string; texto: string }> = {
  contabiliza: { classe: 'bom', texto: 'Conta como atendimento' },
  'nao-contabiliza': { classe: 'neutro', texto: 'Não conta' },
  quarentena: { classe: 'ruim', texto: 'Fica em quarentena' },
};
const PUBLICOS = { pf: 'pessoa', pj: 'empresa' } as Record<string, string>;

/** Without the role consulta one is told only of which kind the clients are. */
function creditados({ creditos }: Decisao): string {
  const nomes = creditos.map((c) => (c.length > 2 ? `${PUBLICOS[c.slice(0, 2)]} ${c}` : (PUBLICOS[c] ?? c)));
  return nomes.length === 0 ? 'ninguém' : nomes.join(' e ');
}

function linhasDe(d: Decisao): [string, string][] {
  const linhas: [string, string | null][] = [
    ['Cláusula', d.resultado === 'quarentena' ? null : clausulaPorExtenso(d.regra)],
    ['Métrica', d.metrica === null ? null : nomeDaMetrica(d.metrica)],
    ['Creditada a', d.resultado === 'contabiliza' ? creditados(d) : null],
    ['Proposta de valor', d.propostaValor === null ? null : nomeDaProposta(d.propostaValor)],
    ['Modalidade', d.modalidade === null ? null : nomeDaModalidade(d.modalidade)],
    ['Estrutura', d.estrutura],
    ['Identifica a entrega', d.chave],
    ['Rulebook', d.rulebook],
  ];
  return linhas.filter((l): l is [string, string] => l[1] !== null);
}

function Veredito({ resposta: { decisao, descricao } }: { resposta: RespostaDeDecisao }) {
  const { classe, texto } = DESFECHOS[decisao.resultado];
  return (
    <>
      <p data-resultado={decisao.resultado} data-motivo={decisao.motivo}>
        <span class={`selo ${classe}`}>{texto}</span> <strong>{descricao}</strong>{' '}
        <span class="fraco">({decisao.motivo})</span>
      </p>
      {decisao.detalhe === null ? null : <p>{decisao.detalhe}</p>}
      <dl class="fatos">
        {linhasDe(decisao).map(([nome, valor]) => (
          <div key={nome}>
            <dt>{nome}</dt>
            <dd class={nome === 'Identifica a entrega' ? 'mono' : undefined}>{valor}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Passos({ passos }: { passos: readonly Passo[] }) {
  return (
    <ol class="passos">
      {passos.map(({ pergunta, motivo, detalhe }) => (
        <li key={pergunta} class={motivo === null ? 'passou' : 'parou'}>
          {pergunta}{' '}
          {motivo === null ? (
            <span class="selo bom">seguiu</span>
          ) : (
            <>
              <span class="selo atencao">decidiu aqui</span> <strong>{nomeDoMotivo(motivo)}</strong>
              {detalhe === null ? null : <span class="fraco"> {detalhe}</span>}
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

/** An event and its decision, step by step, while it is written. Nothing is kept, here or there. */
export function Pagina() {
  const [primeiro] = EXEMPLOS;
  const [texto, escreve] = useState(escolhido.peek() ?? (primeiro === undefined ? '' : textoDo(primeiro)));
  useEffect(() => {
    escolhido.value = null;
  }, []);
  const { resposta, erro, pensando } = useEnsaio(texto);
  const escolhe = (id: string): void => {
    const exemplo = EXEMPLOS.find((e) => e.id === id);
    if (exemplo !== undefined) escreve(textoDo(exemplo));
  };
  const exemploAtual = EXEMPLOS.find((e) => textoDo(e) === texto)?.id ?? '';
  return (
    <div class="grade">
      <Cartao titulo="O evento">
        <label for="exemplo">Começar de um exemplo</label>
        <select id="exemplo" value={exemploAtual} onChange={(e) => escolhe(e.currentTarget.value)}>
          <option value="">(o seu)</option>
          {EXEMPLOS.map(({ id, nome }) => (
            <option key={id} value={id}>
              {nome}
            </option>
          ))}
        </select>
        <label for="evento">Evento, em JSON</label>
        <textarea
          id="evento"
          class="mono codigo"
          rows={24}
          spellcheck={false}
          autocomplete="off"
          aria-invalid={erro !== null}
          aria-describedby={erro === null ? 'sobre-o-evento' : 'erros-do-evento'}
          value={texto}
          onInput={(e) => escreve(e.currentTarget.value)}
        />
        <p id="sobre-o-evento" class="fraco">
          Cole um evento ou mude este: a decisão acompanha. Nada é guardado. De uma entrega ou de um registro da
          quarentena também se chega aqui; a pessoa vem pelo id (<code>pf.id</code>), pois o CPF não se guarda.
        </p>
      </Cartao>
      <Cartao
        titulo="A decisão"
        ao_lado={
          <span class="fraco" role="status">
            {pensando ? 'decidindo…' : ''}
          </span>
        }
      >
        <Erros erro={erro} />
        {resposta === null && erro === null ? <Carregando /> : null}
        {resposta === null || erro !== null ? null : (
          <>
            <Veredito resposta={resposta} />
            <h3>Passo a passo</h3>
            <Passos passos={resposta.passos} />
          </>
        )}
      </Cartao>
    </div>
  );
}
