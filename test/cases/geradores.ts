import fc from 'fast-check';
import { type Cliente, INTERACAO_VAZIA, type Interacao } from '#domain/interacao.ts';

/** Few of everything, so that clients, keys and stages collide. */
const PFS = ['A', 'B', 'C'].map((l) => `pf:${l.repeat(22)}`);
const PJS = ['pj:11222333000181', 'pj:12ABC34501DE35'];
const DIA = 86_400_000;
/** Around the turn of a year in São Paulo. */
const INICIO = Date.parse('2025-12-31T12:00:00-03:00');
export const AGORA = INICIO + 400 * DIA;

const time = fc.integer({ min: 0, max: 47 }).map((h) => INICIO + h * 1_800_000);
const fonte = fc.constantFrom('crm', 'lms');
const unidade = fc.constantFrom('SP', 'MG');

const ninguem: Cliente = { pf: null, pj: null, naoIdentificado: null };
const pf = fc.constantFrom(...PFS).map((id): Cliente => ({ ...ninguem, pf: id }));
const pfComPj = fc
  .tuple(fc.constantFrom(...PFS), fc.constantFrom(...PJS))
  .map(([id, pj]): Cliente => ({ ...ninguem, pf: id, pj: { id: pj, vinculo: 'indicacao' } }));
const pjEnriquecida = fc
  .constantFrom(...PJS)
  .map((id): Cliente => ({ ...ninguem, pj: { id, vinculo: 'enriquecimento' } }));
const estudantes = fc
  .integer({ min: 1, max: 30 })
  .map((quantidade): Cliente => ({ ...ninguem, naoIdentificado: { perfil: 'estudante-educacao-basica', quantidade } }));
const identificado = fc.oneof(pf, pfComPj, pjEnriquecida);

type Parte = Partial<Interacao>;

const responsavel = { id: 'R', papel: 'consultor' };
const partes: fc.Arbitrary<Parte> = fc.oneof(
  fc.record({
    tipoInteracao: fc.constant('momento-digital'),
    tipoSolucao: fc.constant('curso-autoinstrucional'),
    solucaoId: fc.constant('CA-100'),
    canal: fc.constant('ead'),
    momento: fc.constantFrom('inicio', '25'),
    matriculaId: fc.constantFrom(null, 'M1', 'M2'),
    cliente: identificado,
  }),
  fc.record({
    tipoInteracao: fc.constant('consolidacao-participacao'),
    tipoSolucao: fc.constant('palestra'),
    solucaoId: fc.constant('PAL-1'),
    disponibilizacaoId: fc.constant('PAL-1-A'),
    canal: fc.constantFrom('local-evento', 'portal'),
    presencas: fc.constantFrom(0, 1),
    cliente: identificado,
  }),
  fc.record({
    tipoInteracao: fc.constant('momento-digital'),
    tipoSolucao: fc.constant('jogo'),
    solucaoId: fc.constant('JOG-1'),
    canal: fc.constant('app'),
    momento: fc.constant('concluiu'),
    sessaoId: fc.constantFrom(null, 'S1'),
    cliente: identificado,
  }),
  fc.record({
    tipoInteracao: fc.constant('acesso-conteudo'),
    tipoSolucao: fc.constant('orientacao-tecnica'),
    canal: fc.constant('portal'),
    conteudoId: fc.constant('C1'),
    natureza: fc.constant('tecnico'),
    cliente: identificado,
  }),
  fc.record({
    tipoInteracao: fc.constant('atendimento'),
    tipoSolucao: fc.constant('consultoria'),
    solucaoId: fc.constant('CON-1'),
    disponibilizacaoId: fc.constantFrom(null, 'CON-1-A'),
    canal: fc.constant('empresa-cliente'),
    protocolo: fc.constantFrom(null, 'P1'),
    duracaoMin: fc.constantFrom(30, 60),
    responsavel: fc.constant(responsavel),
    cliente: identificado,
  }),
  fc.record({
    tipoInteracao: fc.constant('consolidacao-participacao'),
    tipoSolucao: fc.constant('aplicacao-material-didatico'),
    solucaoId: fc.constant('AMD-1'),
    disponibilizacaoId: fc.constant('AMD-1-A'),
    canal: fc.constant('escola'),
    presencas: fc.constant(1),
    cliente: fc.oneof(estudantes, pf),
  }),
  fc.record({ tipoInteracao: fc.constant('login'), canal: fc.constant('portal'), cliente: identificado }),
);

function monta(arbitrario: fc.Arbitrary<Parte>): fc.Arbitrary<Interacao> {
  return fc
    .tuple(arbitrario, time, fonte, unidade)
    .map(([parte, t, source, uf]) => ({ ...INTERACAO_VAZIA, source, time: t, unidade: uf, ...parte }));
}

/** Ids by position: an event is one event whatever the order it arrives in. */
function numera(interacoes: readonly Interacao[], prefixo: string): Interacao[] {
  return interacoes.map((i, n) => ({ ...i, id: `${prefixo}${n}` }));
}

export function estornoDe(i: Interacao, id: string): Interacao {
  const { disponibilizacaoId, cliente, source, time: t, unidade: uf } = i;
  const noTopico = i.tipoInteracao === 'check-in' || i.tipoInteracao === 'consolidacao-disponibilizacao';
  return {
    ...INTERACAO_VAZIA,
    ...{ source, id, time: t, unidade: uf, cliente, tipoInteracao: 'estorno' },
    disponibilizacaoId: noTopico ? disponibilizacaoId : null,
    estornada: { source, id: i.id },
  };
}

function comEstornos(eventos: Interacao[], quais: readonly number[]): Interacao[] {
  const alvos = [...new Set(quais.map((q) => q % Math.max(1, eventos.length)))];
  const estornos = alvos.flatMap((n) => {
    const alvo = eventos[n];
    return alvo === undefined ? [] : [estornoDe(alvo, `estorno-${alvo.id}`)];
  });
  return [...eventos, ...estornos];
}

const indices = fc.array(fc.nat(100), { maxLength: 4 });

/** Interactions that are decided alone, and estornos of some. */
export const avulsas = fc
  .tuple(fc.array(monta(partes), { maxLength: 25 }), indices)
  .map(([lista, quais]) => comEstornos(numera(lista, 'a'), quais));

export const umaAvulsa = monta(partes).map((i) => ({ ...i, id: 'extra' }));

const oficina = {
  tipoSolucao: 'oficina',
  solucaoId: 'OFI-1',
  disponibilizacaoId: 'OFI-1-A',
  canal: 'local-evento',
};

const checkIn = monta(
  fc.record({
    ...Object.fromEntries(Object.entries(oficina).map(([k, v]) => [k, fc.constant(v)])),
    tipoInteracao: fc.constant('check-in'),
    etapa: fc.constantFrom('1', '2', '3', '4', '5'),
    cliente: fc.oneof(pf, pf, pfComPj, pjEnriquecida),
  }),
);

const participante = fc.record({
  cliente: fc.oneof(identificado, estudantes),
  presencas: fc.constantFrom(null, 0, 3, 5),
  frequencia: fc.constantFrom(null, null, 0.2, 0.6),
  papel: fc.constant(null),
});

/** Students have no name: which of a list is which of another's is nobody's promise. */
const participantes = fc
  .array(participante, { maxLength: 4 })
  .map((todos) =>
    todos.filter(
      ({ cliente: c }, n) =>
        c.naoIdentificado === null || todos.findIndex((t) => t.cliente.naoIdentificado !== null) === n,
    ),
  );

const encerramento = monta(
  fc.record({
    ...Object.fromEntries(Object.entries(oficina).map(([k, v]) => [k, fc.constant(v)])),
    tipoInteracao: fc.constant('consolidacao-disponibilizacao'),
    etapas: fc.constantFrom(null, 3),
    participantes: fc.oneof(fc.constant(null), participantes),
  }),
);

/** Check-ins and up to three closings of one offer, and estornos of some of them. */
export const presencas = fc
  .tuple(fc.array(checkIn, { maxLength: 20 }), fc.array(encerramento, { maxLength: 3 }), indices)
  .map(([entradas, fins, quais]) => comEstornos([...numera(entradas, 'c'), ...numera(fins, 'f')], quais));

/** A list in any order, each item delivered one to three times. */
export function entregue<T>(itens: readonly T[]): fc.Arbitrary<T[]> {
  return fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: itens.length, maxLength: itens.length })
    .chain((vezes) => {
      const todas = itens.flatMap((item, n) => Array.from({ length: vezes[n] ?? 1 }, () => item));
      return fc.shuffledSubarray(todas, { minLength: todas.length, maxLength: todas.length });
    });
}
