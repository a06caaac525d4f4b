import { z } from 'zod';
import { erroDeContrato } from '#domain/contrato.ts';
import { campoComCpf } from '#domain/cpf-em-texto.ts';
import { decide, explica } from '#domain/decidir.ts';
import {
  MOTIVOS_CONTABILIZA,
  MOTIVOS_DA_CHAVE,
  MOTIVOS_DO_TITULAR,
  MOTIVOS_NAO_CONTABILIZA,
  MOTIVOS_QUARENTENA,
} from '#domain/decisao.ts';
import type { Pseudonimizador } from '#domain/documento.ts';
import { campoDesconhecido, leEvento, textoDosErros } from '#domain/evento.ts';
import { separaPessoas } from '#domain/evento-conhecido.ts';
import { descricaoDe, MOTIVOS } from '#domain/motivos.ts';
import type { Portfolio } from '#domain/portfolio.ts';
import type { Rulebooks } from '#domain/rulebook.ts';
import type { Credencial } from '#platform/credenciais/credencial.ts';
import { cpfForaDoLugar, ErroHttp } from '#platform/http/erros.ts';

const resultado = z.enum(['contabiliza', 'nao-contabiliza', 'quarentena']);

export const respostaDeDecisao = z.object({
  decisao: z.object({
    resultado,
    metrica: z.string().nullable(),
    motivo: z.string(),
    regra: z.string().nullable().describe('a cláusula das Diretrizes'),
    rulebook: z.string(),
    modalidade: z.string().nullable(),
    estrutura: z.string().nullable(),
    propostaValor: z.string().nullable(),
    creditos: z.array(z.string()).describe('ids dos clientes; sem o papel consulta, só pf ou pj'),
    chave: z.string().nullable(),
    detalhe: z.string().nullable(),
  }),
  descricao: z.string().describe('o motivo, por extenso'),
  passos: z
    .array(z.object({ pergunta: z.string(), motivo: z.string().nullable(), detalhe: z.string().nullable() }))
    .describe('os testes feitos, em ordem; o último é o que decidiu'),
});
export type RespostaDeDecisao = z.infer<typeof respostaDeDecisao>;

export const listaDeMotivos = z.array(z.object({ codigo: z.string(), resultado, descricao: z.string() }));

/** Every reason, in the order it is tested. */
export function motivos(): z.infer<typeof listaDeMotivos> {
  const listas: [z.infer<typeof resultado>, readonly string[]][] = [
    ['quarentena', [...MOTIVOS_QUARENTENA, ...MOTIVOS_DA_CHAVE]],
    ['nao-contabiliza', [...MOTIVOS_NAO_CONTABILIZA, ...MOTIVOS_DO_TITULAR]],
    ['contabiliza', MOTIVOS_CONTABILIZA],
  ];
  return listas.flatMap(([de, lista]) =>
    MOTIVOS.filter((m) => lista.includes(m)).map((m) => ({ codigo: m, resultado: de, descricao: descricaoDe(m) })),
  );
}

export interface Ensaio {
  rulebooks: Rulebooks;
  portfolio: Portfolio;
  pseudonimo: Pseudonimizador;
  credencial: Pick<Credencial, 'papeis'>;
  /** Milliseconds since the epoch. */
  agora: number;
}

/**
 * The decision of one event, and how it came about; nothing is kept. An event that was received before may name a PF by
 * her id.
 * @throws ErroHttp ESQUEMA_INVALIDO, CPF_FORA_DO_LUGAR, as the door refuses it
 */
export function ensaia(
  evento: unknown,
  { rulebooks, portfolio, pseudonimo, credencial, agora }: Ensaio,
): RespostaDeDecisao {
  const { evento: semPessoas, devolve } = separaPessoas(evento);
  const lido = leEvento(semPessoas, pseudonimo);
  if (!lido.ok) throw new ErroHttp('ESQUEMA_INVALIDO', textoDosErros(lido.erros), { erros: lido.erros });
  if (lido.desconhecidos.length > 0) {
    const detalhe = `campos que o contrato não tem: ${lido.desconhecidos.join(', ')}`;
    throw new ErroHttp('ESQUEMA_INVALIDO', detalhe, { erros: lido.desconhecidos.map(campoDesconhecido) });
  }
  const { documentoInvalido } = lido;
  const interacao = devolve(lido.interacao);
  const erro = erroDeContrato(interacao);
  if (erro !== null) throw new ErroHttp('ESQUEMA_INVALIDO', erro);
  const campo = campoComCpf(interacao);
  if (campo !== null) throw new ErroHttp('CPF_FORA_DO_LUGAR', cpfForaDoLugar(campo));
  const entrada = {
    interacao,
    rulebook: rulebooks.em(interacao.time),
    portfolio,
    registradaEm: agora,
    documentoInvalido,
  };
  const { passos } = explica(entrada);
  const decisao = decide(entrada);
  // A producer could ask for the pseudonym of any CPF otherwise.
  const ve = credencial.papeis.includes('consulta');
  const creditos = ve ? decisao.creditos : decisao.creditos.map((c) => c.slice(0, 2));
  return { decisao: { ...decisao, creditos }, descricao: descricaoDe(decisao.motivo), passos };
}
