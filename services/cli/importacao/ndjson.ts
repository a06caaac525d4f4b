import { jsonUtf8 } from '#platform/utf8.ts';
import type { CloudEvent } from '#producer/index.ts';
import type { Arquivo } from './arquivo.ts';
import { idDaLinha } from './identidade.ts';
import type { Contexto, Item, Leitura } from './leitura.ts';
import { type Linha, linhasDe, temAlgo } from './linhas.ts';
import { type ErroDaLinha, errosDaPorta, linhaGrande } from './recusas.ts';
import { eSoTexto, RELATORIO_NDJSON } from './relatorio.ts';

const semColuna = (): null => null;
const recusa = (codigo: string, detalhe: string): { erros: [ErroDaLinha, ...ErroDaLinha[]] } => ({
  erros: errosDaPorta(codigo, detalhe, semColuna),
});

/** The line that a report of refused ones keeps: what it says of it is left out. */
function semRecusa(objeto: Record<string, unknown>): Buffer | Record<string, unknown> {
  if (!Object.hasOwn(objeto, 'recusa')) return objeto;
  const { recusa: _recusa, ...resto } = objeto;
  return eSoTexto(resto) ? Buffer.from(resto.texto) : resto;
}

function eventoDe(json: unknown, { source, chave }: Contexto): Item['lido'] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return recusa('ESQUEMA_INVALIDO', 'a linha não é um evento, que é um objeto JSON');
  }
  const evento: Record<string, unknown> = { ...json };
  evento.source ??= source;
  if (evento.source !== source) {
    return recusa('FONTE_NAO_AUTORIZADA', `source: não é '${source}', por quem se importa`);
  }
  if (evento.id === undefined || evento.id === null) evento.id = idDaLinha(chave(), source, json);
  return { evento: evento as unknown as CloudEvent };
}

function itemDe(linha: Linha, contexto: Contexto): Item {
  const item = { linha: linha.numero, fim: { byte: linha.fim, linha: linha.numero } };
  if (linha.longa) {
    return { ...item, original: { json: Buffer.alloc(0) }, lido: { erros: [linhaGrande()] } };
  }
  let bytes = linha.bytes;
  let lido = jsonUtf8(bytes);
  if (lido !== null && typeof lido.json === 'object' && lido.json !== null && !Array.isArray(lido.json)) {
    const resto = semRecusa(lido.json as Record<string, unknown>);
    if (Buffer.isBuffer(resto)) [bytes, lido] = [resto, jsonUtf8(resto)];
    else lido = { json: resto };
  }
  const invalido = recusa('JSON_INVALIDO', 'a linha não é JSON válido, em UTF-8');
  return { ...item, original: { json: bytes }, lido: lido === null ? invalido : eventoDe(lido.json, contexto) };
}

/** A file of CloudEvents, one a line. */
export function leituraDeNdjson(arquivo: Arquivo, contexto: Contexto): Leitura {
  return {
    relatorio: RELATORIO_NDJSON,
    inicio: { byte: 0, linha: 0 },
    colunaDe: semColuna,
    async *itens(desde) {
      for await (const linhas of linhasDe(arquivo.le(desde.byte), desde)) {
        const comAlgo = linhas.filter(temAlgo);
        yield comAlgo.map((linha) => itemDe(linha, contexto));
      }
    },
  };
}
