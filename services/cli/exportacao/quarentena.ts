import type { Interacao } from '#domain/interacao.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import type { Codec } from '#platform/codec.ts';
import type { Correcao, Quarentena, ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import type { Kafka, KafkaAdmin } from '#platform/kafka/port.ts';
import { leInteracao } from '#platform/quarentena/ensaio.ts';
import { descricao } from '#platform/quarentena/mostra.ts';
import {
  buscaPorIds,
  type EmQuarentena,
  leLote,
  lugarDe,
  TOPICO_DA_QUARENTENA,
} from '#platform/quarentena/registros.ts';
import { TOPICO_DAS_RESOLUCOES } from '#platform/quarentena/resolucoes.ts';
import { iso, marcasDe, nomeia, type Pessoa, recorteDaInteracao, recorteDoProprio } from './recorte.ts';
import { type Progresso, procura, type Registro } from './registros.ts';

export interface PartesDaQuarentena {
  kafka: Kafka;
  admin: KafkaAdmin;
  interacoes: Codec<Interacao>;
  quarentenas: Codec<Quarentena>;
  resolucoes: { codec: Codec<ResolucaoDeQuarentena> };
}

type Dados = Registro['dados'];

/** What is known of a person's records in quarantine, by their ids. */
interface Sabidos {
  registros: Map<string, { um: EmQuarentena; conteudo: Dados }>;
  /** The newest resolution of each, and of those that only their correction makes hers. */
  resolucoes: Map<string, ResolucaoDeQuarentena>;
}

/** What of the record set aside is hers; null: nothing is. What cannot be read is named if it holds a mark of hers. */
async function conteudoDe({ interacoes }: PartesDaQuarentena, pessoa: Pessoa, posta: Quarentena) {
  const { valor, topico: topic, particao: partition, posicao: offset } = posta;
  const lida = await leInteracao(interacoes, valor);
  const interacao = lida === null ? null : (pessoa.ve?.({ topic, partition, offset }, lida) ?? lida);
  if (interacao === null) return { ilegivel: `${valor?.length ?? 0} bytes que não puderam ser lidos` };
  return nomeia(pessoa, interacao) ? { interacao: recorteDaInteracao(pessoa, interacao) } : null;
}

async function leRegistros(partes: PartesDaQuarentena, pessoa: Pessoa, progresso: Progresso) {
  const registros: Sabidos['registros'] = new Map();
  await procura(partes, TOPICO_DA_QUARENTENA, pessoa, {
    progresso,
    recebe: async (achados) => {
      for (const { particao, registro } of achados) {
        const [um] = await leLote(partes.quarentenas, { partition: particao, records: [registro] });
        if (um === undefined) continue;
        const conteudo = await conteudoDe(partes, pessoa, um.registro);
        if (conteudo !== null) registros.set(um.id, { um, conteudo });
      }
    },
  });
  return registros;
}

/** Whether a correction names the person. */
async function corrigeParaEla({ interacoes }: PartesDaQuarentena, pessoa: Pessoa, correcao: Correcao | null) {
  if (correcao === null) return false;
  const interacao = await leInteracao(interacoes, correcao.valor);
  return interacao !== null && nomeia(pessoa, interacao);
}

async function leResolucoes(partes: PartesDaQuarentena, pessoa: Pessoa, registros: Sabidos['registros']) {
  const lidas: Sabidos['resolucoes'] = new Map();
  const marcas = marcasDe(pessoa);
  const { codec } = partes.resolucoes;
  await partes.kafka.readToEnd(TOPICO_DAS_RESOLUCOES, {
    onBatch: async ({ records }) => {
      await codec.prepareIds(records.map((r) => r.value));
      for (const { key, value } of records) {
        const id = String(key);
        // The last with a key holds.
        lidas.delete(id);
        if (value === null || !(registros.has(id) || marcas.some((marca) => value.includes(marca)))) continue;
        const resolucao = codec.decodeSync(value);
        if (registros.has(id) || (await corrigeParaEla(partes, pessoa, resolucao.correcao))) lidas.set(id, resolucao);
      }
    },
  });
  return lidas;
}

async function resolucaoVisivel(
  { interacoes }: PartesDaQuarentena,
  pessoa: Pessoa,
  { correcao, reenvio }: ResolucaoDeQuarentena,
): Promise<Dados> {
  const corrigida = correcao === null ? null : await leInteracao(interacoes, correcao.valor);
  const dela = corrigida !== null && nomeia(pessoa, corrigida) ? recorteDaInteracao(pessoa, corrigida) : null;
  // Who corrected it or put it back is another person.
  return {
    correcao: correcao === null ? null : { em: iso(correcao.em), topico: correcao.topico, interacao: dela },
    reenvio: reenvio === null ? null : { em: iso(reenvio.em), tentativa: reenvio.tentativa },
  };
}

async function registroDe(
  partes: PartesDaQuarentena,
  pessoa: Pessoa,
  { um, conteudo }: { um: EmQuarentena; conteudo: Dados },
  resolucao: ResolucaoDeQuarentena | undefined,
): Promise<Registro> {
  const { motivo, detalhe, estagio, rulebook, tentativa, topico, particao, posicao, recebidaEm } = um.registro;
  const porQue = { motivo, porQue: descricao(motivo), detalhe: ocultaCpf(detalhe) };
  const origem = { topico, particao, posicao, recebidaEm: iso(recebidaEm) };
  const resolvida = resolucao === undefined ? null : await resolucaoVisivel(partes, pessoa, resolucao);
  const dados = { ...porQue, estagio, rulebook, tentativa, origem, resolucao: resolvida };
  const lugar = lugarDe(um.id) ?? { particao: 0, posicao: 0 };
  const limpos = { ...recorteDoProprio(pessoa, dados), ...conteudo };
  return { topico: TOPICO_DA_QUARENTENA, ...lugar, recebidaEm: iso(um.postaEm), dados: limpos };
}

const SO_NA_CORRECAO = { observacao: 'o registro original não dizia que era desta pessoa; a correção diz' };

/**
 * Hands over what was set aside of the person, each record with its resolution; also what only its correction made
 * hers, without what the record said before.
 * @throws RetryableError
 */
export async function leQuarentena(
  partes: PartesDaQuarentena,
  pessoa: Pessoa,
  recebe: (registro: Registro) => Promise<void>,
  progresso: Progresso,
): Promise<void> {
  const registros = await leRegistros(partes, pessoa, progresso);
  const resolucoes = await leResolucoes(partes, pessoa, registros);
  const soCorrigidos = [...resolucoes.keys()].filter((id) => !registros.has(id));
  for (const um of await buscaPorIds(partes, soCorrigidos)) registros.set(um.id, { um, conteudo: SO_NA_CORRECAO });
  for (const [id, registro] of registros) {
    await recebe(await registroDe(partes, pessoa, registro, resolucoes.get(id)));
  }
}
