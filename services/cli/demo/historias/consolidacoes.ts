import { turmaConsolidada, turmaDeEscola } from '../catalogo.ts';
import { DIA, type EventoDemo, type Historia, HORA, type Mundo } from '../mundo.ts';

/** What a system that keeps its own attendance says of one participant. */
function figuras(mundo: Mundo, etapas: number): Record<string, unknown> {
  const { sorteio } = mundo;
  if (sorteio.chance(0.03)) return { presencas: 0, etapas };
  if (sorteio.chance(0.3)) return { frequencia: sorteio.inteiro(3, 10) / 10 };
  return { presencas: sorteio.chance(0.85) ? etapas : sorteio.inteiro(1, etapas), etapas };
}

function doTipo(mundo: Mundo, tipo: string): Record<string, unknown> {
  const { sorteio } = mundo;
  if (tipo === 'feira') return { papel: sorteio.chance(0.8) ? 'expositor' : 'visitante' };
  if (tipo !== 'consultoria') return {};
  return sorteio.chance(0.9) ? { duracaoMin: sorteio.inteiro(1, 40) * 30 } : {};
}

/** One offer, consolidated participant by participant by the system that runs it. */
export function turmaConsolidadaNoSistema(mundo: Mundo, n: number): Historia {
  const { sorteio, clientes, maiorTurma } = mundo;
  const { oferta, solucao } = turmaConsolidada(mundo.semente, n);
  const tipo = solucao.tipoSolucao;
  const fim = mundo.comeco(1) + 8 * HORA;
  const quantos = sorteio.inteiro(Math.ceil(maiorTurma / 3), maiorTurma);
  const unidade = clientes.sorteia(sorteio).unidade;
  const historia: Historia = [];
  for (let i = 0; i < quantos; i += 1) {
    const cliente = tipo === 'feira' ? clientes.sorteiaComPj(sorteio) : clientes.sorteia(sorteio);
    const anonimo = tipo === 'palestra' && sorteio.chance(0.04);
    const e = mundo.evento('gestao-eventos', 'consolidacao-participacao', fim, {
      tipoSolucao: tipo,
      solucaoId: solucao.id,
      disponibilizacaoId: oferta.id,
      unidade,
      canal: 'local-evento',
      ...(anonimo ? {} : { cliente: mundo.cliente(cliente) }),
      responsavel: { id: `prof-${n % 400}`, papel: tipo === 'consultoria' ? 'consultor' : 'facilitador' },
      ...figuras(mundo, oferta.etapas),
      ...doTipo(mundo, tipo),
    });
    historia.push(e);
    if (sorteio.chance(0.03)) historia.push(mundo.relatadoPor('crm-regional', e, sorteio.inteiro(-DIA, DIA)));
    if (sorteio.chance(0.01)) historia.push(mundo.estorno(e, fim + DIA));
  }
  return historia;
}

/** A class of a school: its pupils are counted without being named, its teacher by name. */
export function turmaNaEscola(mundo: Mundo, n: number): Historia {
  const { sorteio, clientes } = mundo;
  const { oferta, solucao } = turmaDeEscola(mundo.semente, n);
  const professor = clientes.sorteia(sorteio);
  const fim = mundo.comeco(30);
  const data = {
    tipoSolucao: solucao.tipoSolucao,
    solucaoId: solucao.id,
    disponibilizacaoId: oferta.id,
    unidade: professor.unidade,
    canal: 'escola',
    responsavel: { id: `prof-${sorteio.inteiro(0, 400)}`, papel: 'facilitador' },
  };
  const participacao = (cliente: Record<string, unknown>, presencas: number): EventoDemo =>
    mundo.evento('jepp-escolas', 'consolidacao-participacao', fim, {
      ...data,
      cliente,
      presencas,
      etapas: oferta.etapas,
    });
  const alunos = (perfil: string, quantidade: number) => ({ naoIdentificado: { perfil, quantidade } });
  const historia = [
    participacao(mundo.pessoa(professor), oferta.etapas),
    participacao(alunos('estudante-educacao-basica', sorteio.inteiro(15, 40)), oferta.etapas),
  ];
  if (sorteio.chance(0.3)) historia.push(participacao(alunos('familiar', sorteio.inteiro(2, 20)), 1));
  if (sorteio.chance(0.3)) {
    const participantes = Array.from({ length: 3 }, () => ({
      cliente: alunos('estudante-educacao-basica', sorteio.inteiro(10, 30)),
    }));
    const fechamento = { ...data, etapas: oferta.etapas, participantes };
    historia.push(mundo.evento('jepp-escolas', 'consolidacao-disponibilizacao', fim + DIA, fechamento));
  }
  return historia;
}
