import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Interacao } from '#domain/interacao.ts';
import { typeOf } from '#platform/codec-types.ts';
import { leCarga } from './carga.ts';

/** Our kinds in the peer's vocabulary; what is not here is of a kind that never counts there. */
const TIPOS: Record<string, string> = {
  'momento-digital': 'MOMENTO_DIGITAL',
  'check-in': 'CHECK_IN',
  atendimento: 'INTERACAO_ATENDIMENTO',
  'consolidacao-participacao': 'CONSOLIDACAO',
  inscricao: 'INSCRICAO',
  login: 'LOGIN',
  cadastro: 'CADASTRO',
  cancelamento: 'CANCELAMENTO',
  'acesso-conteudo': 'DOWNLOAD',
  'visualizacao-oferta': 'VISUALIZACAO',
  'campanha-ativa': 'PESQUISA_SATISFACAO',
};
const OUTRO_TIPO = 'AVALIACAO';

/** Our types of solution in the peer's vocabulary: each goes to one that counts on the same kind. */
const SOLUCOES: Record<string, string> = {
  'curso-autoinstrucional': 'CURSO_AUTOINSTRUCIONAL',
  curso: 'CURSO',
  oficina: 'OFICINA',
  palestra: 'PALESTRA',
  seminario: 'SEMINARIO',
  jogo: 'JOGO',
  vitrine: 'VITRINE',
  ferramenta: 'FERRAMENTA',
  consultoria: 'CONSULTORIA',
  assessoramento: 'ASSESSORAMENTO',
  formalizacao: 'ASSESSORAMENTO',
  regularizacao: 'ASSESSORAMENTO',
  'orientacao-tecnica': 'ORIENTACAO',
  feira: 'FEIRA',
  'missao-caravana': 'MISSAO_CARAVANA',
  'rodada-negocios': 'RODADA_NEGOCIO',
  'encontro-mediado': 'CLINICA',
  'aplicacao-material-didatico': 'CLINICA',
};
const OUTRA_SOLUCAO = 'INFORMACAO';

const CANAIS: Record<string, string> = {
  telefone: 'TELEFONE',
  ura: 'TELEFONE',
  whatsapp: 'WHATSAPP',
  email: 'EMAIL',
  portal: 'PORTAL',
  ead: 'PORTAL',
  app: 'APP',
};

/** Fields that the peer has no place for travel as attributes, so that both read about as many bytes. */
function atributosDe(i: Interacao): Record<string, string> {
  const { etapa, matriculaId, protocolo, sessaoId, responsavel, natureza } = i;
  const todos = { etapa, matriculaId, protocolo, sessaoId, natureza, responsavel: responsavel?.id ?? null };
  return Object.fromEntries(Object.entries(todos).filter((par): par is [string, string] => par[1] !== null));
}

/** One of our interactions as the peer has it. Its client is the PF; where there is none, one of that event's own. */
function doPeer(i: Interacao): Record<string, unknown> {
  const pj = i.cliente?.pj?.id ?? null;
  const pf = i.cliente?.pf ?? (pj === null ? `${i.source}+${i.id}` : `so-${pj}`);
  // The peer's business key is solution and offer: what tells our deliveries apart stands in for the offer.
  const entrega = i.disponibilizacaoId ?? i.protocolo ?? i.matriculaId ?? i.sessaoId;
  return {
    id: i.id,
    fonte: i.source,
    tipo: TIPOS[i.tipoInteracao] ?? OUTRO_TIPO,
    tipoSolucao: SOLUCOES[i.tipoSolucao ?? ''] ?? OUTRA_SOLUCAO,
    clientePf: pf,
    clientePj: i.cliente?.pf ? pj : null,
    canal: CANAIS[i.canal ?? ''] ?? 'PRESENCIAL',
    ocorridoEm: i.time,
    uf: i.unidade,
    solucaoId: i.solucaoId,
    disponibilizacaoId: entrega,
    momento: i.momento,
    contabiliza: i.contabiliza,
    duracaoMin: i.duracaoMin === null ? null : Math.round(i.duracaoMin),
    atributos: atributosDe(i),
  };
}

/** Writes the load once more, event by event, as one JSON object a line in the peer's vocabulary. */
export async function escreveCargaDoPeer(carga: string, arquivo: string): Promise<void> {
  if (existsSync(arquivo)) return;
  const tipo = typeOf('Interacao');
  const saida = createWriteStream(`${arquivo}.novo`);
  for await (const registros of leCarga(carga)) {
    const linhas = registros.map(({ corpo }) => `${JSON.stringify(doPeer(tipo.fromBuffer(corpo) as Interacao))}\n`);
    if (!saida.write(linhas.join(''))) await once(saida, 'drain');
  }
  saida.end();
  await finished(saida);
  renameSync(`${arquivo}.novo`, arquivo);
}
