import { ofertaDoAno, solucoesDe, turmaComLeitor } from '../catalogo.ts';
import { type EventoDemo, type Historia, HORA, type Mundo } from '../mundo.ts';

type Dados = Record<string, unknown>;

/** A sound event, and what a careless system makes of it. */
type Defeito = (mundo: Mundo) => EventoDemo;

const RESPONSAVEL = { id: 'prof-7', papel: 'atendente' };

function sem(dados: Dados, ...campos: string[]): Dados {
  return Object.fromEntries(Object.entries(dados).filter(([campo]) => !campos.includes(campo)));
}

function atendimento(tipo: string, muda: (dados: Dados, mundo: Mundo) => Dados): Defeito {
  return (mundo) => {
    const c = mundo.clientes.sorteiaComPj(mundo.sorteio);
    const dados = {
      tipoSolucao: tipo,
      solucaoId: solucoesDe(tipo)[0].id,
      protocolo: mundo.codigo('PRT'),
      unidade: c.unidade,
      canal: 'agencia',
      cliente: mundo.cliente(c),
      responsavel: RESPONSAVEL,
      duracaoMin: 90,
    };
    return mundo.evento('crm-atendimento', 'atendimento', mundo.comeco(0), muda(dados, mundo));
  };
}

function momento(tipo: string, muda: (dados: Dados) => Dados): Defeito {
  return (mundo) => {
    const c = mundo.clientes.sorteiaComPj(mundo.sorteio);
    const solucao = solucoesDe(tipo)[0];
    const quando = mundo.comeco(0);
    const dados = {
      tipoSolucao: tipo,
      solucaoId: solucao.id,
      sessaoId: mundo.codigo('SES'),
      unidade: c.unidade,
      canal: 'portal',
      cliente: mundo.cliente(c),
      momento: 'concluiu',
    };
    return mundo.evento('plataforma-digital', 'momento-digital', quando, muda(dados));
  };
}

function checkIn(muda: (dados: Dados) => Dados): Defeito {
  return (mundo) => {
    const c = mundo.clientes.sorteia(mundo.sorteio);
    const { oferta, solucao } = turmaComLeitor(mundo.semente, 0);
    const dados = {
      tipoSolucao: solucao.tipoSolucao,
      solucaoId: solucao.id,
      disponibilizacaoId: oferta.id,
      unidade: c.unidade,
      canal: 'local-evento',
      cliente: mundo.cliente(c),
    };
    return mundo.evento('leitor-presenca', 'check-in', mundo.comeco(0), muda(dados));
  };
}

function comCpf(cpf: (certo: string) => string): Defeito {
  return atendimento('orientacao-tecnica', (dados, { clientes, sorteio }) => ({
    ...dados,
    cliente: { pf: { cpf: cpf(clientes.cpf(sorteio.inteiro(0, clientes.pessoas - 1))) } },
  }));
}

/** The last digit is one more than it should be. */
function trocaDigito(documento: string): string {
  return documento.slice(0, -1) + ((Number(documento.at(-1)) + 1) % 10);
}

function noEnvelope(defeito: Defeito, muda: (evento: EventoDemo['evento']) => Partial<EventoDemo['evento']>): Defeito {
  return (mundo) => {
    const e = defeito(mundo);
    return { ...e, evento: { ...e.evento, ...muda(e.evento) } };
  };
}

const certo = atendimento('consultoria', (d) => d);

const contratoDeOutraUnidade: Defeito = (mundo) => {
  const c = mundo.clientes.sorteiaComPj(mundo.sorteio);
  return mundo.evento('fampe-nacional', 'contratacao', mundo.comeco(0), {
    tipoSolucao: 'garantia-fampe',
    solucaoId: 'FAM-01',
    disponibilizacaoId: ofertaDoAno(solucoesDe('garantia-fampe')[0], 2026),
    unidade: c.unidade,
    canal: 'instituicao-financeira',
    contratoId: mundo.codigo('CTR'),
    instituicaoFinanceira: 'Caixa',
    responsavel: RESPONSAVEL,
    cliente: mundo.cliente(c),
  });
};

/** What producers get wrong. What the door or the library sees it refuses; the rest ends in quarantine. */
const DEFEITOS: readonly [Defeito, ...Defeito[]] = [
  // Seen at the door.
  comCpf(trocaDigito),
  comCpf(() => '11111111111'),
  comCpf((cpf) => cpf.slice(1)),
  atendimento('consultoria', (d, { clientes }) => ({
    ...d,
    cliente: { pf: { cpf: clientes.cpf(1) }, pj: { cnpj: trocaDigito(clientes.cnpj(1)) } },
  })),
  atendimento('consultoria', (d) => sem(d, 'unidade')),
  atendimento('consultoria', (d) => sem(d, 'tipoSolucao')),
  atendimento('consultoria', (d) => ({ ...d, duracaoMin: '90' })),
  noEnvelope(certo, () => ({ type: 'br.com.sebrae.interacao.visita-tecnica' })),
  noEnvelope(certo, ({ time }) => ({ time: time.slice(0, 19) })),
  noEnvelope(certo, () => ({ time: '0026-03-02T10:15:00-03:00' })),
  // Seen by the classifier alone.
  noEnvelope(certo, () => ({ time: '2062-03-02T10:15:00-03:00' })),
  momento('ferramenta', (d) => ({ ...d, tipoSolucao: 'webinar' })),
  atendimento('orientacao-tecnica', (d) => ({ ...d, canal: 'balcao' })),
  momento('ferramenta', (d) => ({ ...d, solucaoId: 'FER-99' })),
  momento('ferramenta', (d) => ({ ...d, disponibilizacaoId: 'FER-01-1999' })),
  checkIn((d) => ({ ...d, disponibilizacaoId: 'PAL-01-T999999' })),
  checkIn((d) => ({ ...d, tipoSolucao: 'curso' })),
  momento('ferramenta', (d) => ({ ...d, tipoSolucao: 'palestra', solucaoId: 'PAL-01' })),
  atendimento('consultoria', (d) => sem(d, 'solucaoId')),
  checkIn((d) => sem(d, 'disponibilizacaoId')),
  atendimento('assessoramento', (d) => sem(d, 'canal')),
  momento('ferramenta', (d) => ({ ...d, canal: 'agencia' })),
  atendimento('regularizacao', (d, { clientes }) => ({ ...d, cliente: { pf: { cpf: clientes.cpf(2) } } })),
  atendimento('consultoria', (d, { clientes }) => ({ ...d, cliente: { pj: { cnpj: clientes.cnpj(3) } } })),
  atendimento('consultoria', (d) => sem(d, 'responsavel')),
  contratoDeOutraUnidade,
];

/** One bad record; some systems send it again as it was. */
export function registroComDefeito(mundo: Mundo): Historia {
  const e = mundo.sorteio.escolhe(DEFEITOS)(mundo);
  return mundo.sorteio.chance(0.1) ? [e, e] : [e];
}

/** Takes back what never came: does nothing. */
export function estornoSemInteracao(mundo: Mundo): Historia {
  const c = mundo.clientes.sorteia(mundo.sorteio);
  const quando = mundo.comeco(0) + HORA;
  const data = { unidade: c.unidade, cliente: mundo.pessoa(c) };
  const estornada = { source: 'crm-atendimento', id: mundo.codigo('perdida') };
  return [mundo.evento('crm-atendimento', 'estorno', quando, { ...data, estornada, causa: 'registro indevido' })];
}
