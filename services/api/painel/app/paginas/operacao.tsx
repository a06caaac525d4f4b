import type { GroupLag, PartitionLag } from '#platform/lag/monitor.ts';
import type { Operacao, RulebookVisto, ServidorVisto } from '../../operacao.ts';
import type { Servico } from '../../servicos.ts';
import { useAoVivo } from '../nucleo/dados.ts';
import { DESCONHECIDO, decimo, diaDoCalendario, instante, numero } from '../nucleo/formato.ts';
import { Cartao } from '../partes/cartao.tsx';
import { Carregando, Ligacao, Vazio } from '../partes/estado.tsx';
import { Selo } from '../partes/selo.tsx';
import { type Coluna, Tabela } from '../partes/tabela.tsx';

const SERVIDORES: readonly Coluna<ServidorVisto>[] = [
  { titulo: 'servidor', celula: (s) => s.nome },
  { titulo: 'estado', celula: (s) => <Selo estado={s.estado} /> },
  { titulo: 'por quê', celula: (s) => s.causa ?? '' },
];

const porSegundo = (n: number | null, unidade: string): string =>
  n === null ? DESCONHECIDO : `${decimo(n)} ${unidade}`;

const SERVICOS: readonly Coluna<Servico>[] = [
  { titulo: 'serviço', celula: (s) => s.nome },
  { titulo: 'instância', celula: (s) => s.instancia ?? DESCONHECIDO },
  { titulo: 'estado', celula: (s) => <Selo estado={s.estado} /> },
  { titulo: 'vazão por segundo', celula: (s) => porSegundo(s.passaPorSegundo, s.unidade), n: true },
  { titulo: 'recusas e erros por segundo', celula: (s) => decimo(s.falhaPorSegundo), n: true },
  { titulo: 'no ar desde', celula: (s) => (s.desde === null ? DESCONHECIDO : instante(s.desde)) },
  { titulo: 'por quê', celula: (s) => s.causa ?? '' },
];

const GRUPOS: readonly Coluna<GroupLag>[] = [
  { titulo: 'grupo', celula: (g) => g.grupo },
  { titulo: 'tópico', celula: (g) => g.topico },
  { titulo: 'estado', celula: (g) => <Selo estado={g.state} /> },
  { titulo: 'registros', celula: (g) => numero(g.records), n: true },
  { titulo: 'segundos', celula: (g) => decimo(g.seconds), n: true },
];

const PARTICOES: readonly Coluna<PartitionLag>[] = [
  { titulo: 'partição', celula: (p) => `${p.grupo} · ${p.topico}/${p.particao}` },
  { titulo: 'estado', celula: (p) => <Selo estado={p.state} /> },
  { titulo: 'registros', celula: (p) => numero(p.records), n: true },
  { titulo: 'segundos', celula: (p) => decimo(p.seconds), n: true },
];

/** Of the aggregator: Redis says where it is, Kafka what it was told. */
const POSICOES: readonly Coluna<PartitionLag>[] = [
  { titulo: 'partição', celula: (p) => String(p.particao) },
  { titulo: 'no Redis (a verdade)', celula: (p) => numero(p.posicao), n: true },
  { titulo: 'confirmada ao Kafka', celula: (p) => numero(p.confirmada), n: true },
  { titulo: 'fim do tópico', celula: (p) => numero(p.fim), n: true },
];

const RULEBOOKS: readonly Coluna<RulebookVisto>[] = [
  { titulo: 'versão', celula: (r) => r.versao },
  { titulo: 'decide desde', celula: (r) => (r.desde === null ? 'sempre' : diaDoCalendario(r.desde)) },
  { titulo: 'hoje', celula: (r) => (r.deHoje ? 'decide o que acontece hoje' : 'não decide') },
];

function Rulebooks({ rulebooks, apuracao: { emVigor, servida } }: Pick<Operacao, 'rulebooks' | 'apuracao'>) {
  return (
    <Cartao titulo="Rulebook em vigor">
      <Tabela legenda="Versões das regras" colunas={RULEBOOKS} linhas={rulebooks} chave={(r) => r.versao} />
      <p class="fraco">
        Apuração em vigor: {emVigor}.{' '}
        {servida === null
          ? 'Não se sabe de qual são os números que a api responde.'
          : servida === emVigor
            ? 'Os números que a api responde são dela.'
            : `Os números que a api responde ainda são da ${servida}: os novos estão sendo construídos.`}
      </p>
    </Cartao>
  );
}

function Atraso({ grupos, particoes }: Pick<Operacao, 'grupos' | 'particoes'>) {
  const porGravidade = ['parado', 'desconhecido', 'atencao', 'ok'];
  const ordem = particoes.toSorted((a, b) => porGravidade.indexOf(a.state) - porGravidade.indexOf(b.state));
  return (
    <Cartao titulo="Atraso" largo>
      <Tabela legenda="Atraso de cada grupo" colunas={GRUPOS} linhas={grupos} chave={(g) => `${g.grupo}|${g.topico}`} />
      <details>
        <summary>Por partição ({numero(particoes.length)})</summary>
        {ordem.length === 0 ? <Vazio>Nenhuma partição foi vista ainda.</Vazio> : null}
        <Tabela
          legenda="Atraso de cada partição"
          colunas={PARTICOES}
          linhas={ordem}
          chave={(p) => `${p.grupo}|${p.topico}|${p.particao}`}
        />
      </details>
    </Cartao>
  );
}

/** How the line is: its servers and services, who is behind, where Redis stands, which rules decide. */
export function Pagina() {
  const visto = useAoVivo<Operacao>('/painel/dados/operacao');
  const { valor } = visto;
  if (valor === undefined) {
    return (
      <>
        <Ligacao visto={visto} />
        <Carregando />
      </>
    );
  }
  const doRedis = valor.particoes.filter((p) => p.grupo === 'atendido-aggregator');
  return (
    <>
      <Ligacao visto={visto} />
      <div class="grade">
        <Cartao titulo="Serviços" largo>
          <Tabela
            legenda="Serviços da linha"
            colunas={SERVICOS}
            linhas={valor.servicos}
            chave={(s) => `${s.nome}|${s.instancia}`}
            marca={(s) => ({ 'data-instancia': s.instancia ?? '' })}
          />
        </Cartao>
        <Cartao titulo="Servidores">
          <Tabela legenda="Servidores" colunas={SERVIDORES} linhas={valor.servidores} chave={(s) => s.nome} />
        </Cartao>
        <Rulebooks rulebooks={valor.rulebooks} apuracao={valor.apuracao} />
        <Atraso grupos={valor.grupos} particoes={valor.particoes} />
        <Cartao titulo="Posições do estado em lancamentos" largo>
          <Tabela
            legenda="Posições no Redis e no Kafka"
            colunas={POSICOES}
            linhas={doRedis}
            chave={(p) => String(p.particao)}
          />
          <p class="fraco">O fim pode estar um à frente: é o marcador de uma transação, que ninguém lê.</p>
        </Cartao>
      </div>
    </>
  );
}
