import { PSEUDONIMO_PF } from './documento.ts';
import { type Cliente, type Interacao, PREFIXO_TIPO } from './interacao.ts';

type Objeto = Record<string, unknown>;

const presentes = (objeto: object): Objeto =>
  Object.fromEntries(Object.entries(objeto).filter(([, valor]) => valor !== null));

function clienteDe({ pj, naoIdentificado }: Cliente): Objeto {
  return {
    ...(pj === null ? {} : { pj: { cnpj: pj.id.slice(3), vinculo: pj.vinculo } }),
    ...(naoIdentificado === null ? {} : { naoIdentificado }),
  };
}

/**
 * The CloudEvent of an interaction, as far as it can be had back: a PF is known by her pseudonym alone, and a list of
 * participants with it; both are left out.
 */
export function eventoDe(interacao: Interacao): { data: Objeto } & Objeto {
  const { source, id, tipoInteracao, time, cliente, participantes: _, ...dados } = interacao;
  return {
    specversion: '1.0',
    source,
    id,
    type: PREFIXO_TIPO + tipoInteracao,
    time: new Date(time).toISOString(),
    data: { ...presentes(dados), ...(cliente === null ? {} : { cliente: clienteDe(cliente) }) },
  };
}

const comPessoa = (cliente: Cliente): Objeto => ({
  // What is no pseudonym may be a document that came past the door.
  ...(cliente.pf === null ? {} : { pf: { id: PSEUDONIMO_PF.test(cliente.pf) ? cliente.pf : '***' } }),
  ...clienteDe(cliente),
});

/** The same with everybody it names, a PF by her id (`pf: {id}`) as no producer writes it: for {@link separaPessoas}. */
export function eventoComPessoas(interacao: Interacao): Objeto {
  const { cliente, participantes } = interacao;
  const evento = eventoDe(interacao);
  const lista = participantes?.map((p) => presentes({ ...p, cliente: comPessoa(p.cliente) }));
  const pessoas = { ...(cliente && { cliente: comPessoa(cliente) }), ...(lista && { participantes: lista }) };
  return { ...evento, data: { ...evento.data, ...pessoas } };
}

const objeto = (valor: unknown): Objeto | null =>
  typeof valor === 'object' && valor !== null && !Array.isArray(valor) ? (valor as Objeto) : null;

/** Takes the id of a PF out of a client, where it stands in place of the CPF. */
function tiraPessoa(cliente: unknown): string | null {
  const dele = objeto(cliente);
  const id = objeto(dele?.pf)?.id;
  if (dele === null || typeof id !== 'string' || !PSEUDONIMO_PF.test(id)) return null;
  if (Object.keys(dele.pf as Objeto).length !== 1) return null;
  delete dele.pf;
  return id;
}

const rasa = (valor: unknown): unknown => (objeto(valor) === null ? valor : { ...objeto(valor) });

/** A copy as far as people may stand in it: what lies below may be deep enough to exhaust the stack. */
function comPessoasCopiadas(evento: unknown): unknown {
  const copia = objeto(rasa(evento));
  const data = objeto(rasa(copia?.data));
  if (copia === null || data === null) return evento;
  copia.data = data;
  if ('cliente' in data) data.cliente = rasa(data.cliente);
  if (Array.isArray(data.participantes)) {
    data.participantes = data.participantes.map((p: unknown) => {
      const dele = objeto(p);
      return dele === null ? p : { ...dele, cliente: rasa(dele.cliente) };
    });
  }
  return copia;
}

/** An event without the PFs that it names by id, and how the interaction read from it gets them back. */
export interface SemPessoas {
  evento: unknown;
  devolve: (interacao: Interacao) => Interacao;
}

/**
 * Of an event that names a PF by her id instead of by CPF, as {@link eventoComPessoas} writes it. Only for what keeps
 * nothing: at the door nobody may name a person by an id of their own making.
 */
export function separaPessoas(evento: unknown): SemPessoas {
  const copia = comPessoasCopiadas(evento);
  const data = objeto(objeto(copia)?.data);
  const lista = Array.isArray(data?.participantes) ? data.participantes : [];
  const pf = tiraPessoa(data?.cliente);
  const daLista = lista.map((p) => tiraPessoa(objeto(p)?.cliente));
  const com = <C extends Cliente | null>(cliente: C, id: string | null | undefined): C =>
    id == null || cliente === null ? cliente : { ...cliente, pf: id };
  return {
    evento: copia,
    devolve: (interacao) => ({
      ...interacao,
      cliente: com(interacao.cliente, pf),
      participantes: interacao.participantes?.map((p, n) => ({ ...p, cliente: com(p.cliente, daLista[n]) })) ?? null,
    }),
  };
}
