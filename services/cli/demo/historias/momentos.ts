import { ofertaDoAno, type SolucaoDemo, solucoesDe } from '../catalogo.ts';
import type { ClienteDemo } from '../clientes.ts';
import { DIA, type EventoDemo, type Historia, HORA, MINUTO, type Mundo } from '../mundo.ts';

const MARCOS = ['25', '50', '75', '100'];
/** How likely a learner is to reach the next mark. */
const PERSISTENCIA = 0.78;

function anoDe(instante: number): number {
  return new Date(instante - 3 * HORA).getUTCFullYear();
}

/** A self-instructional course in progress: begun, followed for some marks, finished or given up. */
export function cursoAutoinstrucional(mundo: Mundo): Historia {
  const { sorteio } = mundo;
  const solucao = sorteio.escolhe(solucoesDe('curso-autoinstrucional'));
  const aluno = mundo.clientes.sorteia(sorteio);
  const inicio = mundo.comeco(40);
  const data = {
    tipoSolucao: solucao.tipoSolucao,
    solucaoId: solucao.id,
    disponibilizacaoId: ofertaDoAno(solucao, anoDe(inicio)),
    matriculaId: mundo.codigo('MAT'),
    unidade: aluno.unidade,
    canal: sorteio.chance(0.85) ? 'ead' : 'app',
    cliente: mundo.cliente(aluno),
  };
  let quando = inicio;
  const momento = (codigo: string): EventoDemo =>
    mundo.evento('lms-ead', 'momento-digital', quando, { ...data, momento: codigo });
  const historia = [momento('inicio')];
  for (const marco of MARCOS) {
    quando += sorteio.inteiro(HORA, 8 * DIA);
    if (!sorteio.chance(PERSISTENCIA)) {
      if (sorteio.chance(0.3)) historia.push(mundo.evento('lms-ead', 'abandono', quando, data));
      break;
    }
    historia.push(momento(marco));
  }
  return comTropecos(mundo, historia, 0);
}

/** What goes wrong on the way: reported by a second system, taken back (at times before it came), told out of order. */
function comTropecos(mundo: Mundo, historia: Historia, entrega: number): Historia {
  const { sorteio } = mundo;
  const contou = historia[entrega];
  if (contou === undefined) return historia;
  if (sorteio.chance(0.04)) historia.push(mundo.relatadoPor('crm-regional', contou, sorteio.inteiro(-HORA, HORA)));
  if (sorteio.chance(0.02)) {
    const estorno = mundo.estorno(contou, Date.parse(contou.evento.time) + DIA);
    if (sorteio.chance(0.3)) historia.unshift(estorno);
    else historia.push(estorno);
  } else if (sorteio.chance(0.05)) historia.reverse();
  return historia;
}

/** The moments of a session, and which of them the solution, or else the event, calls counting. */
function roteiro(mundo: Mundo, solucao: SolucaoDemo): { momento: string; contabiliza?: boolean }[] {
  if (solucao.momentos === undefined) {
    const conclui = mundo.sorteio.chance(0.6) ? [{ momento: 'concluiu', contabiliza: true }] : [];
    return [{ momento: 'abriu', contabiliza: false }, ...conclui];
  }
  const momentos = Object.keys(solucao.momentos);
  const vistos = mundo.sorteio.inteiro(1, momentos.length);
  const repetido = mundo.sorteio.chance(0.15) ? momentos.slice(vistos - 1, vistos) : [];
  return [...momentos.slice(0, vistos), ...repetido].map((momento) => ({ momento }));
}

function comQuem(mundo: Mundo, tipo: string): { cliente: Record<string, unknown>; unidade: string } {
  const { clientes, sorteio } = mundo;
  if (tipo === 'vitrine') {
    const c = clientes.sorteiaComPj(sorteio);
    // The showcase knows its shops by their CNPJ; the people behind them are added later.
    const soPj = { pj: { cnpj: clientes.cnpj(c.pj), vinculo: 'enriquecimento' } };
    return { cliente: sorteio.chance(0.2) ? soPj : mundo.cliente(c), unidade: c.unidade };
  }
  const c: ClienteDemo = clientes.sorteia(sorteio);
  return { cliente: tipo === 'jogo' ? mundo.pessoa(c) : mundo.cliente(c), unidade: c.unidade };
}

/** A session in a tool, a game or a showcase. */
export function sessaoDigital(mundo: Mundo): Historia {
  const { sorteio } = mundo;
  const tipo = sorteio.escolhe(['ferramenta', 'ferramenta', 'ferramenta', 'jogo', 'vitrine']);
  const solucao = sorteio.escolhe(solucoesDe(tipo));
  const inicio = mundo.comeco(0);
  const data = {
    tipoSolucao: tipo,
    solucaoId: solucao.id,
    disponibilizacaoId: ofertaDoAno(solucao, anoDe(inicio)),
    ...(sorteio.chance(0.9) ? { sessaoId: mundo.codigo('SES') } : {}),
    canal: sorteio.chance(0.6) ? 'portal' : 'app',
    ...comQuem(mundo, tipo),
  };
  const historia = roteiro(mundo, solucao).map((passo, n) =>
    mundo.evento('plataforma-digital', 'momento-digital', inicio + n * sorteio.inteiro(MINUTO, HORA), {
      ...data,
      ...passo,
    }),
  );
  return comTropecos(mundo, historia, historia.length - 1);
}
