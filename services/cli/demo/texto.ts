import type { Rulebook } from '#domain/rulebook.ts';
import { ondeEstaAChave } from '#platform/credenciais/chave-operacao.ts';
import { textoDaAuditoria } from '../auditoria-texto.ts';
import { duracao, numero } from '../formato.ts';
import { comoSeChama } from './comando.ts';
import type { ResultadoDaDemo } from './executa.ts';
import type { Latencia } from './sondas.ts';
import { tabelasDe } from './tabelas.ts';

function latencia(nome: string, l: Latencia | null): string {
  if (l === null) return `  ${nome}: nenhuma sonda voltou`;
  const perdidas = l.perdidas === 0 ? '' : `, ${l.perdidas} sem resposta`;
  return `  ${nome}: p50 ${duracao(l.p50)}, p99 ${duracao(l.p99)}, máxima ${duracao(l.maxima)} (${numero(l.amostras)} sondas${perdidas})`;
}

function medidas(r: ResultadoDaDemo): string[] {
  const { aceitos, recusados, enviados, segundos } = r.envio;
  const recusas = Object.entries(recusados).sort(([, a], [, b]) => b - a);
  const total = recusas.reduce((n, [, q]) => n + q, 0);
  return [
    '\nO que entrou',
    `  ${numero(enviados)} eventos em ${duracao(segundos * 1_000)}: ${numero(aceitos.http)} aceitos pela porta HTTP, ${numero(aceitos.kafka)} pela biblioteca`,
    `  ${numero(total)} recusados na entrada: ${recusas.map(([m, n]) => `${m} ${numero(n)}`).join(', ') || 'nenhum'}`,
    `  ${r.semPorta} registros de um sistema que não passa por porta alguma, e ${r.sondas} sondas`,
    '\nVelocidade',
    `  ${numero(r.eventosPorSegundo)} eventos por segundo, do primeiro envio até o último estar contado (${duracao(r.segundosAteOFim * 1_000)})`,
    '  do envio de um evento até a consulta mostrar o cliente atendido:',
    latencia('com a linha em dia', r.latencia.emDia),
    latencia('no meio da carga, com a fila que ela faz', r.latencia.naCarga),
  ];
}

type Resultado = Pick<ResultadoDaDemo, 'api' | 'clienteDeExemplo'>;

/** What to do next, with the command as it is typed from here. */
export function comoSeguir({ api, clienteDeExemplo }: Resultado, ficouNoAr: boolean): string[] {
  const atendido = comoSeChama(process.cwd(), process.env.PATH ?? '');
  if (!ficouNoAr) return [`\nNada ficou no ar. Para explorar os números: \`${atendido} demo\`, sem --once.`];
  return [
    '\nE agora',
    `  O painel: ${api}/painel (a chave para entrar: ${ondeEstaAChave()})`,
    `  A consulta, com a sua documentação: ${api}/docs`,
    `  ${atendido} report    os indicadores, com seus cortes`,
    ...(clienteDeExemplo === null ? [] : [`  ${atendido} client ${clienteDeExemplo}    quem voltou muitas vezes`]),
    `  ${atendido} status    o que está no ar`,
    `  ${atendido} lag       quanto cada leitor está atrás`,
    `  ${atendido} audit     a mesma auditoria, quando quiser`,
    `  ${atendido} down      para tudo (--apagar-dados recomeça do zero)`,
  ];
}

const SEM_TERMINAL = 160;

/** The whole result, for a person. */
export function textoDaDemo(r: ResultadoDaDemo, rulebook: Rulebook, ficouNoAr: boolean): string {
  const linhas = [
    ...tabelasDe(r.resultados, rulebook, process.stdout.columns ?? SEM_TERMINAL),
    ...medidas(r),
    '\nAuditoria',
    ...textoDaAuditoria(r.auditoria)
      .split('\n')
      .map((l) => `  ${l}`),
    ...comoSeguir(r, ficouNoAr),
  ];
  return `${linhas.join('\n')}\n`;
}
