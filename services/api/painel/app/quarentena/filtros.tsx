import { useId } from 'preact/hooks';
import type { ResumoDaQuarentena } from '../../indice/consulta.ts';
import { diaIso } from '../nucleo/formato.ts';
import { enderecoDe, vai } from '../nucleo/rota.ts';
import { nomeDaUnidade, nomeDoMotivo, nomeDoTipo } from '../nucleo/rotulos.ts';
import { Filtro } from '../partes/filtro.tsx';
import { type Escolha, naConsulta, TUDO } from './escolha.ts';

type Opcao = readonly [string, string];

const SITUACOES: readonly Opcao[] = [
  ['', 'que esperam'],
  ['intocada', 'que esperam, sem correção'],
  ['corrigida', 'corrigidos, à espera do reenvio'],
  ['reenviada', 'reenviados'],
  ['todas', 'todos'],
];

const todas = (valores: readonly string[] | undefined, nome: (valor: string) => string, tudo: string): Opcao[] => [
  ['', tudo],
  ...(valores ?? []).map((valor): Opcao => [valor, nome(valor)]),
];

const mesmo = (valor: string): string => valor;

function Dia({ valor, muda }: { valor: string; muda: (dia: string) => void }) {
  const id = useId();
  return (
    <div>
      <label for={id}>Separado no dia</label>
      <input id={id} type="date" value={valor} max={diaIso(Date.now())} onChange={(e) => muda(e.currentTarget.value)} />
    </div>
  );
}

/** What of the quarantine is listed: each choice is in the address. */
export function Filtros({ escolha, resumo }: { escolha: Escolha; resumo: ResumoDaQuarentena | undefined }) {
  const muda = (parte: Partial<Escolha>): void =>
    vai(enderecoDe('quarentena', naConsulta({ ...escolha, ...parte })), true);
  const { opcoes, motivos } = resumo ?? {};
  const nomes = motivos?.map(({ motivo }) => motivo);
  const para = (campo: keyof Escolha) => ({
    valor: escolha[campo],
    muda: (valor: string) => muda({ [campo]: valor }),
  });
  return (
    <div class="filtros" data-filtros>
      <Filtro rotulo="Motivo" opcoes={todas(nomes, nomeDoMotivo, 'todos')} {...para('motivo')} />
      <Filtro rotulo="Fonte" opcoes={todas(opcoes?.source, mesmo, 'todas')} {...para('fonte')} />
      <Filtro rotulo="Unidade" opcoes={todas(opcoes?.unidade, nomeDaUnidade, 'todas')} {...para('unidade')} />
      <Filtro rotulo="Tipo" opcoes={todas(opcoes?.tipoSolucao, nomeDoTipo, 'todos')} {...para('tipo')} />
      <Dia {...para('dia')} />
      <Filtro rotulo="Situação" opcoes={SITUACOES} {...para('situacao')} />
      <button type="button" class="discreto" onClick={() => muda(TUDO)}>
        Limpar filtros
      </button>
    </div>
  );
}
