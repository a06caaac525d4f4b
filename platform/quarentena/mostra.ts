import { fonteReservada } from '#domain/consolidacao.ts';
import { MOTIVOS_DO_PORTFOLIO } from '#domain/decisao.ts';
import { descricaoDe, MOTIVOS } from '#domain/motivos.ts';
import { ocultaCpf } from '#domain/oculta-cpf.ts';
import { instante } from '#domain/tempo.ts';
import type { Correcao, Quarentena, Reenvio, ResolucaoDeQuarentena } from '#platform/codec-types.ts';
import { voltaSozinha } from '#platform/quarentena/automatico.ts';
import { type Ensaio, ensaiaReenvio, leInteracao } from '#platform/quarentena/ensaio.ts';
import { cabeDeVolta, ehDaQueVigora, superada } from '#platform/quarentena/reenvio.ts';
import type { EmQuarentena } from '#platform/quarentena/registros.ts';
import { textoUtf8 } from '#platform/utf8.ts';
import { type Desfecho, desfechoDe, type PartesDaQuarentena, registroDeId } from './selecao.ts';
import { base64SemCpf, semCpf } from './visivel.ts';

/** What `quarantine show` writes: one record whole. Instants in ISO 8601. */
export interface Mostra {
  id: string;
  postaEm: string;
  motivo: string;
  descricao: string;
  detalhe: string;
  /** What to do about it. */
  saida: string;
  tentativa: number;
  estagio: string;
  rulebook: string;
  origem: { topico: string; particao: number; posicao: number; recebidaEm: string };
  source: string | null;
  evento: string | null;
  /** As text; base64 where they are none. */
  chave: string | null;
  cabecalhos: Record<string, string>;
  /** The interaction; null: it cannot be read, and `bytes` has it. */
  interacao: unknown;
  /** base64, whatever looks like a CPF in them hidden. */
  bytes: string | null;
  /** What would come out now, of the corrected copy where there is one. */
  hoje: Desfecho;
  correcao: { por: string; em: string; topico: string; interacao: unknown } | null;
  reenvio: (Omit<Reenvio, 'em'> & { em: string }) | null;
}

const iso = (ms: number): string => new Date(ms).toISOString();

function textoOuBase64(bytes: Buffer): string {
  const texto = textoUtf8(bytes);
  return texto === null ? `base64:${base64SemCpf(bytes)}` : semCpf(texto);
}

function interacaoVisivel(interacao: Ensaio['interacao']): unknown {
  if (interacao === null) return null;
  return semCpf({ ...interacao, time: iso(interacao.time) });
}

/** What is known of a record, as of `agora` (ms). */
interface Conhecida {
  um: EmQuarentena;
  feito: ResolucaoDeQuarentena | null;
  hoje: Ensaio;
  agora: number;
}

/** The way out, for a person. */
function saidaDe({ apuracoes }: PartesDaQuarentena, { um, feito, hoje, agora }: Conhecida): string {
  const { id, registro } = um;
  const { correcao = null, reenvio = null } = feito ?? {};
  if (reenvio !== null) return `Resolvida: reenviada por ${reenvio.por} em ${instante(reenvio.em)}.`;
  if (!ehDaQueVigora(um, apuracoes)) return `Já não espera: ${superada(id)}.`;
  const replay = `atendido quarantine replay ${id} --apply`;
  const corrija = fonteReservada(registro.source)
    ? 'corrija, na origem, o check-in ou o encerramento da oferta: é uma participação derivada das presenças'
    : `corrija o evento: atendido quarantine fix ${id} --set campo=valor, e depois ${replay}`;
  if (!cabeDeVolta(um, correcao)) return `É grande demais para voltar como está; ${corrija}`;
  if (hoje.resultado !== 'quarentena') return `Hoje seria decidida (${hoje.motivo}): ${replay}`;
  if (!MOTIVOS_DO_PORTFOLIO.has(hoje.motivo)) return `C${corrija.slice(1)}`;
  const volta = voltaSozinha(um, feito ?? undefined, agora) ? 'e ela volta sozinha' : `e depois ${replay}`;
  return `Cadastre no portfólio o que falta, ${volta}; ou ${corrija}`;
}

/** A reason in a sentence, also one of another version. */
export function descricao(motivo: string): string {
  const conhecido = MOTIVOS.find((m) => m === motivo);
  return conhecido === undefined ? 'Motivo que esta versão não conhece.' : descricaoDe(conhecido);
}

async function correcaoVisivel(
  { interacoes }: PartesDaQuarentena,
  correcao: Correcao | null,
): Promise<Mostra['correcao']> {
  if (correcao === null) return null;
  const { por, em, topico, valor } = correcao;
  return { por, em: iso(em), topico, interacao: interacaoVisivel(await leInteracao(interacoes, valor)) };
}

function origemDe({ topico, particao, posicao, recebidaEm }: Quarentena): Mostra['origem'] {
  return { topico, particao, posicao, recebidaEm: iso(recebidaEm) };
}

async function mostraDe(partes: PartesDaQuarentena, um: EmQuarentena): Promise<Mostra> {
  const { id, postaEm, registro } = um;
  const feito = await partes.resolucoes.inteira(id);
  const { correcao = null, reenvio = null } = feito ?? {};
  const agora = Date.now();
  const interacao = await leInteracao(partes.interacoes, registro.valor);
  const hoje = await ensaiaReenvio(partes, correcao === null ? registro.valor : correcao.valor, agora);
  const cabecalhos = Object.entries(registro.cabecalhos).map(([nome, valor]) => [semCpf(nome), textoOuBase64(valor)]);
  return {
    id,
    postaEm: iso(postaEm),
    motivo: registro.motivo,
    descricao: descricao(registro.motivo),
    detalhe: ocultaCpf(registro.detalhe),
    saida: saidaDe(partes, { um, feito, hoje, agora }),
    tentativa: registro.tentativa,
    estagio: registro.estagio,
    rulebook: registro.rulebook,
    origem: origemDe(registro),
    source: semCpf(registro.source),
    evento: semCpf(registro.id),
    chave: registro.chave === null ? null : textoOuBase64(registro.chave),
    cabecalhos: Object.fromEntries(cabecalhos),
    interacao: interacaoVisivel(interacao),
    bytes: interacao === null && registro.valor !== null ? base64SemCpf(registro.valor) : null,
    hoje: desfechoDe(hoje),
    correcao: await correcaoVisivel(partes, correcao),
    reenvio: reenvio === null ? null : { ...reenvio, em: iso(reenvio.em) },
  };
}

/** One record of the quarantine, solved or not. @throws CodedError QUARENTENA_DESCONHECIDA; RetryableError */
export async function mostra(partes: PartesDaQuarentena, id: string): Promise<Mostra> {
  await partes.resolucoes.atualiza();
  return mostraDe(partes, await registroDeId(partes, id));
}
