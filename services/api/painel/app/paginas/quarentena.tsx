import type { MotivoEmResumo, ResumoDaQuarentena } from '../../indice/consulta.ts';
import { type Dados, useDados } from '../nucleo/dados.ts';
import { numero, quantos } from '../nucleo/formato.ts';
import { enderecoDe, rota } from '../nucleo/rota.ts';
import { nomeDoMotivo } from '../nucleo/rotulos.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Carregando, Mostra, Vazio } from '../partes/estado.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';
import { type Escolha, escolhaDe, naConsulta } from '../quarentena/escolha.ts';
import { ListaDeRegistros, useLista } from '../quarentena/lista.tsx';
import { alemDoLimite } from '../quarentena/palavras.ts';
import { Registro } from '../quarentena/registro.tsx';
import { Tendencia } from '../quarentena/tendencia.tsx';

const DEPOIS_MS = 30_000;

function colunasDosMotivos(dias: readonly string[], escolha: Escolha): Coluna<MotivoEmResumo>[] {
  const nome = ({ motivo }: MotivoEmResumo) => (
    <>
      <a
        href={enderecoDe('quarentena', naConsulta({ ...escolha, motivo }))}
        aria-current={motivo === escolha.motivo ? 'true' : undefined}
      >
        {nomeDoMotivo(motivo)}
      </a>
      <div class="fraco">{motivo}</div>
    </>
  );
  return [
    { titulo: 'Motivo', celula: nome },
    { titulo: 'Esperam', n: true, celula: (m) => numero(m.esperam) },
    { titulo: 'Corrigidos', n: true, celula: (m) => numero(m.corrigidas) },
    { titulo: quantos(dias.length, 'dia', 'dias'), celula: (m) => <Tendencia dias={dias} porDia={m.porDia} /> },
  ];
}

function PorMotivo({ r, escolha }: { r: ResumoDaQuarentena; escolha: Escolha }) {
  const alem = alemDoLimite(r);
  return (
    <>
      {r.motivos.length === 0 ? (
        <Vazio>Nada espera na quarentena.</Vazio>
      ) : (
        <>
          <p>
            <strong data-esperam={r.esperam}>{numero(r.esperam)}</strong> {r.esperam === 1 ? 'espera' : 'esperam'}. A
            tendência conta também os que já voltaram.
          </p>
          <Tabela
            legenda="Quarentena por motivo"
            colunas={colunasDosMotivos(r.dias, escolha)}
            linhas={r.motivos}
            chave={(m) => m.motivo}
            marca={(m) => ({ 'data-motivo': m.motivo })}
          />
        </>
      )}
      {alem === null ? null : (
        <p class="aviso" data-alem={r.alem.esperavam}>
          {alem}
        </p>
      )}
      {r.ilegiveis === 0 ? null : (
        <p class="aviso">
          {quantos(r.ilegiveis, 'registro do tópico não pôde ser lido', 'registros do tópico não puderam ser lidos')}{' '}
          por esta versão, e não está{r.ilegiveis === 1 ? '' : 'o'} na conta.
        </p>
      )}
    </>
  );
}

/** Of what is being read nothing is known yet: it is no error, and no zero. */
function QuandoLida({ resumo, escolha }: { resumo: Dados<ResumoDaQuarentena>; escolha: Escolha }) {
  const { valor, erro } = resumo;
  if (valor === undefined && erro?.codigo === 'QUARENTENA_CARREGANDO') {
    return (
      <div data-carregando>
        <Carregando texto={`Ainda não se sabe quantos esperam: ${erro.message}.`} />
      </div>
    );
  }
  return <Mostra dados={resumo}>{(r) => <PorMotivo r={r} escolha={escolha} />}</Mostra>;
}

/** What waits, by reason; the records; one of them; its correction and its replay. */
export function Pagina() {
  const { consulta } = rota.value;
  const id = consulta.get('id');
  const escolha = escolhaDe(consulta);
  const resumo = useDados<ResumoDaQuarentena>('/painel/dados/quarentena', { cadaMs: DEPOIS_MS });
  const lista = useLista(escolha);
  const mudou = (): void => {
    resumo.recarrega();
    lista.recarrega();
  };
  return (
    <div class="pilha">
      <Cartao titulo="Por motivo" largo>
        <QuandoLida resumo={resumo} escolha={escolha} />
      </Cartao>
      {id === null ? null : <Registro key={id} id={id} aoMudar={mudou} />}
      <ListaDeRegistros lista={lista} escolha={escolha} resumo={resumo.valor} aoReenviar={mudou} />
    </div>
  );
}
