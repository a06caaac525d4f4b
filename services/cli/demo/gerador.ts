import { quantasTurmas } from './catalogo.ts';
import { turmaConsolidadaNoSistema, turmaNaEscola } from './historias/consolidacoes.ts';
import { estornoSemInteracao, registroComDefeito } from './historias/defeitos.ts';
import { cursoAutoinstrucional, sessaoDigital } from './historias/momentos.ts';
import { turmaNaPorta } from './historias/presencas.ts';
import { campanha, garantiaFampe, visitaAoPortal } from './historias/relacionamento.ts';
import { atendimentoIndividual } from './historias/servicos.ts';
import { type EventoDemo, type Historia, Mundo, type OpcoesDoMundo } from './mundo.ts';

/** How many stories are under way at once: what makes the events of different clients arrive mixed. */
const EM_ANDAMENTO = 64;
const REENTREGAS = 0.03;
/** The last events, from which redeliveries are drawn. */
const LEMBRADOS = 500;

/** A sort of story, and the share of all events it should make up. */
interface Enredo {
  parte: number;
  /** How many there can be: offers are taken one by one. */
  limite: number;
  /** @param n how many of this sort there were before */
  conta: (mundo: Mundo, n: number) => Historia;
}

function enredos(eventos: number): Enredo[] {
  const { comLeitor, consolidadas, escolas } = quantasTurmas(eventos);
  const sempre = Number.POSITIVE_INFINITY;
  return [
    { parte: 0.22, limite: sempre, conta: cursoAutoinstrucional },
    { parte: 0.18, limite: sempre, conta: sessaoDigital },
    { parte: 0.21, limite: comLeitor, conta: turmaNaPorta },
    { parte: 0.15, limite: sempre, conta: atendimentoIndividual },
    { parte: 0.09, limite: consolidadas, conta: turmaConsolidadaNoSistema },
    { parte: 0.006, limite: escolas, conta: turmaNaEscola },
    { parte: 0.074, limite: sempre, conta: visitaAoPortal },
    { parte: 0.049, limite: sempre, conta: campanha },
    { parte: 0.01, limite: sempre, conta: garantiaFampe },
    { parte: 0.001, limite: sempre, conta: estornoSemInteracao },
    { parte: 0.01, limite: sempre, conta: registroComDefeito },
  ];
}

/** Tells the story that is most behind its share. */
class Narrador {
  readonly #mundo: Mundo;
  readonly #enredos: readonly (Enredo & { contados: number; eventos: number })[];
  #total = 0;

  constructor(mundo: Mundo, eventos: number) {
    this.#mundo = mundo;
    this.#enredos = enredos(eventos).map((e) => ({ ...e, contados: 0, eventos: 0 }));
  }

  proxima(): Historia {
    let escolhido = this.#enredos[0];
    let maiorFalta = Number.NEGATIVE_INFINITY;
    for (const e of this.#enredos) {
      const falta = e.contados < e.limite ? (e.parte * (this.#total + 1) - e.eventos) / e.parte : -Infinity;
      if (falta <= maiorFalta) continue;
      maiorFalta = falta;
      escolhido = e;
    }
    if (escolhido === undefined) return [];
    const historia = escolhido.conta(this.#mundo, escolhido.contados);
    escolhido.contados += 1;
    escolhido.eventos += historia.length;
    this.#total += historia.length;
    return historia;
  }
}

/** One story under way. */
interface Aberta {
  historia: Historia;
  proximo: number;
}

/**
 * The traffic of the demo: exactly `eventos` events, redeliveries included, in the order in which they are sent. The
 * same options give the same events; memory does not grow with their number.
 */
export function* geraEventos(opcoes: OpcoesDoMundo): Generator<EventoDemo, void> {
  const { eventos } = opcoes;
  const mundo = new Mundo(opcoes);
  const narrador = new Narrador(mundo, eventos);
  const { sorteio } = mundo;
  const abertas: Aberta[] = [];
  const lembrados: EventoDemo[] = [];
  let prometidos = 0;
  let enviados = 0;

  const abre = (): void => {
    // What does not fit is still to happen when the demo ends.
    const historia = narrador.proxima().slice(0, eventos - prometidos);
    prometidos += historia.length;
    if (historia.length > 0) abertas.push({ historia, proximo: 0 });
  };

  while (enviados < eventos) {
    mundo.avanco = enviados / eventos;
    while (abertas.length < EM_ANDAMENTO && prometidos < eventos) abre();
    if (lembrados.length > 0 && prometidos < eventos && sorteio.chance(REENTREGAS)) {
      prometidos += 1;
      enviados += 1;
      yield lembrados[sorteio.inteiro(0, lembrados.length - 1)] as EventoDemo;
      continue;
    }
    const n = sorteio.inteiro(0, abertas.length - 1);
    const aberta = abertas[n] as Aberta;
    const evento = aberta.historia[aberta.proximo] as EventoDemo;
    aberta.proximo += 1;
    if (aberta.proximo === aberta.historia.length) {
      abertas[n] = abertas.at(-1) as Aberta;
      abertas.pop();
    }
    if (lembrados.length < LEMBRADOS) lembrados.push(evento);
    else lembrados[enviados % LEMBRADOS] = evento;
    enviados += 1;
    yield evento;
  }
}
