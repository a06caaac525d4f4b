import type { Counter } from 'prom-client';
import type { Credencial } from '#platform/credenciais/credencial.ts';
import { falha } from '#platform/falhas.ts';
import type { Chamada } from '#platform/http/autenticacao.ts';
import { ERROS_HTTP, ErroHttp } from '#platform/http/erros.ts';
import type { ResultadoDoItem } from '#platform/http/rotas-de-escrita.ts';
import type { OutputRecord, Producer } from '#platform/kafka/port.ts';
import { emFatias } from '../fatias.ts';
import { MAXIMO_DE_ITENS } from '../leitura.ts';
import { examina, type Porta } from '../porta.ts';
import { Lembrados } from './lembrados.ts';
import { doStatement, mapeia, type Origem, type Recusado } from './mapa.ts';

export interface RecebimentoXapi extends Porta {
  producer: Pick<Producer, 'send'>;
  cobra: Chamada['cobra'];
  /** By `resultado` and `motivo`. */
  statements: Counter<'resultado' | 'motivo'>;
  lembrados: Lembrados;
}

interface Aceito {
  ok: true;
  id: string;
  impressao: string;
  registro: OutputRecord;
}

type Exame = Aceito | Recusado;

function examinaUm(corpo: unknown, recebimento: RecebimentoXapi, credencial: Credencial, origem: Origem): Exame {
  const mapeado = mapeia(corpo, origem);
  if (!mapeado.ok) return mapeado;
  const { id, evento, impressao } = mapeado;
  const exame = examina({ evento }, recebimento, credencial);
  if (exame.aceito) return { ok: true, id, impressao, registro: exame.registro };
  return { ok: false, id, motivo: exame.motivo, detalhe: doStatement(exame.detalhe) };
}

const CONFLITANTE = 'id: já é de outro statement desta fonte, que diz outra coisa';

async function examinaTodos(
  corpos: readonly unknown[],
  recebimento: RecebimentoXapi,
  credencial: Credencial,
): Promise<Exame[]> {
  const source = credencial.source ?? '';
  const { unidade } = recebimento.credenciais.fonte(source) ?? {};
  const origem: Origem = { source, unidade, agora: Date.now(), pseudonimo: recebimento.pseudonimo };
  const doPedido = new Lembrados();
  const conflita = ({ id, impressao }: Aceito): boolean =>
    [doPedido, recebimento.lembrados].some((l) => l.conflita(source, id, impressao));
  const exames: Exame[] = [];
  for await (const fatia of emFatias(corpos)) {
    for (const corpo of fatia) {
      const exame = examinaUm(corpo, recebimento, credencial, origem);
      if (exame.ok && conflita(exame)) {
        exames.push({ ok: false, id: exame.id, motivo: 'STATEMENT_CONFLITANTE', detalhe: CONFLITANTE });
        continue;
      }
      if (exame.ok) doPedido.guarda(source, exame.id, exame.impressao);
      exames.push(exame);
    }
  }
  return exames;
}

function statementsDe(corpo: unknown): unknown[] {
  if (!Array.isArray(corpo)) return [corpo];
  if (corpo.length === 0) throw new ErroHttp('ESQUEMA_INVALIDO', 'a lista não traz statement algum');
  if (corpo.length <= MAXIMO_DE_ITENS) return corpo;
  throw new ErroHttp('LOTE_GRANDE_DEMAIS', `um pedido leva no máximo ${MAXIMO_DE_ITENS} statements; divida-o`);
}

const AO_LADO: Pick<Recusado, 'motivo' | 'detalhe'> = {
  motivo: 'OUTRO_STATEMENT_RECUSADO',
  detalhe: 'neste não há erro; nada da lista foi guardado',
};

/** Nothing of a request is kept where a part of it cannot be, as xAPI has it. */
function recusas(exames: readonly Exame[], { statements }: RecebimentoXapi): ResultadoDoItem[] {
  return exames.map((e) => {
    const { motivo, detalhe } = e.ok ? AO_LADO : e;
    statements.inc({ resultado: 'recusado', motivo });
    return { id: e.id, estado: 'recusado', motivo, detalhe };
  });
}

/** What to answer: the ids of all statements, in order, or what became of each. */
export type Recebido = { status: 200; corpo: string[] } | { status: 400; corpo: ResultadoDoItem[] };

/**
 * Takes a request's statements in, all or none. Resolves only when Kafka keeps them (acks=all).
 * @param corpo parsed JSON: a statement or a list
 * @throws ErroHttp the refusal, where the request is one statement; RetryableError Kafka is away, and nothing may be
 * taken for accepted: sending all again is harmless
 */
export async function recebeStatements(
  corpo: unknown,
  recebimento: RecebimentoXapi,
  credencial: Credencial,
): Promise<Recebido> {
  const exames = await examinaTodos(statementsDe(corpo), recebimento, credencial);
  recebimento.cobra(exames.length);
  const aceitos = exames.filter((e) => e.ok);
  if (aceitos.length < exames.length) {
    const resultados = recusas(exames, recebimento);
    const [unico] = exames;
    if (Array.isArray(corpo) || unico === undefined || unico.ok) return { status: 400, corpo: resultados };
    throw new ErroHttp(unico.motivo, unico.detalhe || ERROS_HTTP[unico.motivo].title);
  }
  // Who says the same thing twice in one request says it once.
  const porId = new Map(aceitos.map((a) => [a.id, a]));
  await recebimento.producer.send([...porId.values()].map((a) => a.registro));
  falha('ingest:guardado');
  for (const { id, impressao } of aceitos) {
    recebimento.lembrados.guarda(credencial.source ?? '', id, impressao);
    recebimento.statements.inc({ resultado: 'aceito', motivo: '' });
  }
  return { status: 200, corpo: aceitos.map((a) => a.id) };
}
