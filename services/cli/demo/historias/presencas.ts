import { type Turma, turmaComLeitor } from '../catalogo.ts';
import type { ClienteDemo } from '../clientes.ts';
import { DIA, type EventoDemo, type Historia, HORA, MINUTO, type Mundo } from '../mundo.ts';

/** An offer under way: who signed up, and what all of its events say. */
interface Andamento {
  mundo: Mundo;
  turma: Turma;
  inicio: number;
  unidade: string;
  data: Record<string, unknown>;
  inscritos: ClienteDemo[];
}

const A_DISTANCIA = ['palestra', 'seminario', 'curso', 'oficina'];

function abre(mundo: Mundo, n: number): Andamento {
  const { sorteio, clientes } = mundo;
  const turma = turmaComLeitor(mundo.semente, n);
  const { solucao, oferta } = turma;
  const quantos = sorteio.inteiro(Math.ceil(mundo.maiorTurma / 3), mundo.maiorTurma);
  const feira = solucao.tipoSolucao === 'feira';
  const inscritos = Array.from({ length: quantos }, () =>
    feira ? clientes.sorteiaComPj(sorteio) : clientes.sorteia(sorteio),
  );
  const unidade = inscritos[0]?.unidade ?? 'SP';
  const data = {
    tipoSolucao: solucao.tipoSolucao,
    solucaoId: solucao.id,
    disponibilizacaoId: oferta.id,
    unidade,
    canal: A_DISTANCIA.includes(solucao.tipoSolucao) && n % 3 === 0 ? 'videoconferencia' : 'local-evento',
  };
  return { mundo, turma, inicio: mundo.comeco(oferta.etapas + 2), unidade, data, inscritos };
}

function checkIn({ mundo, data, inicio }: Andamento, c: ClienteDemo | null, etapa: number, atraso = 0): EventoDemo {
  const { sorteio } = mundo;
  const quando = inicio + (etapa - 1) * DIA + sorteio.inteiro(-20 * MINUTO, 40 * MINUTO) + atraso;
  const cliente = c === null ? { naoIdentificado: { perfil: 'visitante' } } : mundo.cliente(c);
  return mundo.evento('leitor-presenca', 'check-in', quando, { ...data, cliente, etapa: `dia-${etapa}` });
}

/** Presences of all stages, in the order of the readers; who never came is a no-show. */
function presencas(andamento: Andamento): { checkIns: EventoDemo[]; ausentes: ClienteDemo[] } {
  const { mundo, turma, inscritos } = andamento;
  const { sorteio } = mundo;
  const checkIns: EventoDemo[] = [];
  const ausentes: ClienteDemo[] = [];
  const assiduidade = inscritos.map(() => (sorteio.chance(0.06) ? 0 : sorteio.chance(0.8) ? 0.92 : 0.4));
  const vieram = new Set<number>();
  for (let etapa = 1; etapa <= turma.oferta.etapas; etapa += 1) {
    for (const [n, c] of inscritos.entries()) {
      if (!sorteio.chance(assiduidade[n] ?? 0)) continue;
      vieram.add(n);
      checkIns.push(checkIn(andamento, c, etapa));
      // A reader that beeps twice.
      if (sorteio.chance(0.02)) checkIns.push(checkIn(andamento, c, etapa));
    }
    if (sorteio.chance(0.3)) checkIns.push(checkIn(andamento, null, etapa));
  }
  ausentes.push(...inscritos.filter((_, n) => !vieram.has(n)));
  return { checkIns, ausentes };
}

/** The closing; a fair's, and one in five others, carry the list of participants. */
function encerramento(andamento: Andamento, diasDepois: number): EventoDemo {
  const { mundo, turma, inicio, data, inscritos } = andamento;
  const { sorteio } = mundo;
  const feira = turma.solucao.tipoSolucao === 'feira';
  const participantes = inscritos.map((c) => ({
    cliente: mundo.cliente(c),
    ...(sorteio.chance(0.5) ? { frequencia: sorteio.inteiro(2, 10) / 10 } : {}),
    papel: feira ? sorteio.escolhe(['expositor', 'expositor', 'expositor', 'visitante']) : 'participante',
  }));
  return mundo.evento('gestao-eventos', 'consolidacao-disponibilizacao', inicio + diasDepois * DIA + 9 * HORA, {
    ...data,
    etapas: turma.oferta.etapas,
    responsavel: { id: `prof-${sorteio.inteiro(0, 400)}`, papel: 'instrutor' },
    ...(feira || sorteio.chance(0.2) ? { participantes } : {}),
  });
}

/** After the closing: forgotten readers, presences taken back, a second closing. */
function depois(andamento: Andamento, checkIns: readonly EventoDemo[]): Historia {
  const { mundo, turma, inscritos } = andamento;
  const { sorteio } = mundo;
  const { etapas } = turma.oferta;
  const historia: Historia = [];
  for (const c of inscritos) {
    // Read after the closing, at times later than the window of the offer lets it count.
    if (sorteio.chance(0.06)) historia.push(checkIn(andamento, c, etapas, sorteio.inteiro(1, 45) * DIA));
  }
  for (const e of checkIns) {
    if (sorteio.chance(0.02)) historia.push(mundo.estorno(e, Date.parse(e.evento.time) + 2 * DIA));
  }
  if (sorteio.chance(0.12)) historia.push(encerramento(andamento, etapas + 3));
  return historia;
}

/** One offer whose presences are read at the door, from the first to what comes after its closing. */
export function turmaNaPorta(mundo: Mundo, n: number): Historia {
  const { sorteio } = mundo;
  const andamento = abre(mundo, n);
  const { checkIns, ausentes } = presencas(andamento);
  const { inicio, data, turma } = andamento;
  const faltas = ausentes.map((c) =>
    mundo.evento('gestao-eventos', 'ausencia', inicio + 9 * HORA, { ...data, cliente: mundo.cliente(c) }),
  );
  // Some readers only connect after the closing.
  const esquecidos =
    checkIns.length > 4 && sorteio.chance(0.25) ? checkIns.splice(-Math.ceil(checkIns.length / 8)) : [];
  const aindaAberta = sorteio.chance(0.04);
  if (aindaAberta) return [...checkIns, ...faltas];
  const fim = encerramento(andamento, turma.oferta.etapas);
  return [...checkIns, ...faltas, fim, ...esquecidos, ...depois(andamento, [...checkIns, ...esquecidos])];
}
