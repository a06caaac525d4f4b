import { type SolucaoDemo, solucoesDe } from '../catalogo.ts';
import { DIA, type EventoDemo, type Historia, HORA, type Mundo } from '../mundo.ts';

const PAPEIS: Record<string, string> = { consultoria: 'consultor', assessoramento: 'assessor' };
const CANAIS = ['agencia', 'agencia', 'telefone', 'whatsapp', 'chat', 'posto-parceiro', 'videoconferencia'] as const;
const COM_CLIENTE = ['empresa-cliente', 'empresa-cliente', 'agencia', 'videoconferencia'] as const;

type Tipo = 'orientacao-tecnica' | 'informacao' | 'consultoria' | 'assessoramento' | 'formalizacao' | 'regularizacao';

const TIPOS: readonly [Tipo, ...Tipo[]] = [
  'orientacao-tecnica',
  'orientacao-tecnica',
  'orientacao-tecnica',
  'orientacao-tecnica',
  'informacao',
  'consultoria',
  'consultoria',
  'assessoramento',
  'formalizacao',
  'regularizacao',
];

/** Hours of a consultancy: nearly always enough to count. */
function horas(mundo: Mundo): Record<string, unknown> {
  const { sorteio } = mundo;
  if (sorteio.chance(0.03)) return { forma: 'pontual' };
  if (sorteio.chance(0.3)) {
    const duracaoTotalMin = sorteio.inteiro(4, 80) * 60;
    return { forma: 'estruturada', duracaoMin: sorteio.inteiro(40, 180), duracaoTotalMin };
  }
  return { forma: 'pontual', duracaoMin: sorteio.chance(0.08) ? sorteio.inteiro(15, 55) : sorteio.inteiro(60, 240) };
}

function proprio(mundo: Mundo, tipo: Tipo): Record<string, unknown> {
  const { clientes, sorteio } = mundo;
  switch (tipo) {
    case 'consultoria':
      return horas(mundo);
    case 'formalizacao':
      // The new company is the result, not the client.
      return sorteio.chance(0.9) ? { pjCriada: clientes.cnpj(clientes.empresas + sorteio.inteiro(0, 500_000)) } : {};
    case 'orientacao-tecnica':
      return { intermediacao: 'assistida', duracaoMin: sorteio.inteiro(5, 60) };
    default:
      return { duracaoMin: sorteio.inteiro(5, 90) };
  }
}

function servico(mundo: Mundo, tipo: Tipo, solucao: SolucaoDemo, instante: number): EventoDemo {
  const { clientes, sorteio } = mundo;
  const cliente = tipo === 'regularizacao' ? clientes.sorteiaComPj(sorteio) : clientes.sorteia(sorteio);
  // RG-5: guidance and information may do without a solution of the portfolio.
  const semSolucao = (tipo === 'orientacao-tecnica' || tipo === 'informacao') && sorteio.chance(0.5);
  return mundo.evento('crm-atendimento', 'atendimento', instante, {
    tipoSolucao: tipo,
    ...(semSolucao ? {} : { solucaoId: solucao.id }),
    protocolo: mundo.codigo('PRT'),
    unidade: cliente.unidade,
    canal: sorteio.escolhe(tipo === 'consultoria' || tipo === 'assessoramento' ? COM_CLIENTE : CANAIS),
    // A quick question on the phone is often asked without a name.
    ...(tipo === 'informacao' && sorteio.chance(0.4)
      ? {}
      : { cliente: tipo === 'formalizacao' ? mundo.pessoa(cliente) : mundo.cliente(cliente) }),
    responsavel: { id: `prof-${sorteio.inteiro(0, 400)}`, papel: PAPEIS[tipo] ?? 'atendente' },
    ...proprio(mundo, tipo),
  });
}

/** Before it: the appointment, and at times a no-show or a change of mind instead of the service. */
function agenda(mundo: Mundo, e: EventoDemo): { antes: Historia; veio: boolean } {
  const { sorteio } = mundo;
  const { tipoSolucao, solucaoId, unidade, canal, cliente } = e.evento.data;
  if (!sorteio.chance(0.18) || solucaoId === undefined || cliente === undefined) return { antes: [], veio: true };
  const data = { tipoSolucao, solucaoId, unidade, canal, cliente };
  const marcado = Date.parse(e.evento.time);
  const antes = [mundo.evento('crm-atendimento', 'agendamento', marcado - sorteio.inteiro(HORA, 9 * DIA), data)];
  if (sorteio.chance(0.8)) return { antes, veio: true };
  const desfecho = sorteio.chance(0.7) ? 'ausencia' : 'cancelamento';
  return { antes: [...antes, mundo.evento('crm-atendimento', desfecho, marcado, data)], veio: false };
}

/** One individual service, from the appointment on. */
export function atendimentoIndividual(mundo: Mundo): Historia {
  const { sorteio } = mundo;
  const instante = mundo.comeco(0);
  if (sorteio.chance(0.04)) return [contatoImprocedente(mundo, instante)];
  const tipo = sorteio.escolhe(TIPOS);
  const e = servico(mundo, tipo, sorteio.escolhe(solucoesDe(tipo)), instante);
  const { antes, veio } = agenda(mundo, e);
  if (!veio) return antes;
  const historia = [...antes, e];
  if (sorteio.chance(0.05)) historia.push(mundo.relatadoPor('crm-regional', e, sorteio.inteiro(-DIA, DIA)));
  if (sorteio.chance(0.02)) {
    const estorno = mundo.estorno(e, instante + DIA);
    if (sorteio.chance(0.4)) historia.unshift(estorno);
    else historia.push(estorno);
  }
  return historia;
}

function contatoImprocedente(mundo: Mundo, instante: number): EventoDemo {
  const { clientes, sorteio } = mundo;
  const c = clientes.sorteia(sorteio);
  return mundo.evento('crm-atendimento', 'contato-improcedente', instante, {
    unidade: c.unidade,
    canal: sorteio.escolhe(['telefone', 'chat', 'chatbot', 'ura', 'whatsapp']),
    ...(sorteio.chance(0.5) ? { cliente: mundo.pessoa(c) } : {}),
    causa: sorteio.escolhe(['perda-conexao', 'timeout', 'assunto-inadequado', 'outra']),
  });
}
