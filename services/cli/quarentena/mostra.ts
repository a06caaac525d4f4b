import { instante } from '#domain/tempo.ts';
import type { Mostra } from '#platform/quarentena/mostra.ts';

function recuado(valor: unknown): string {
  return JSON.stringify(valor, null, 2).replaceAll('\n', '\n  ');
}

export function textoDaMostra(m: Mostra): string {
  const { topico, particao, posicao, recebidaEm } = m.origem;
  const conteudo = m.bytes === null ? `  ${recuado(m.interacao)}` : `  ilegível; em base64: ${m.bytes}`;
  return [
    `${m.id}: evento ${m.evento ?? '(sem id)'} de ${m.source ?? '(sem source)'}`,
    `  posta de lado em ${instante(m.postaEm)}, por ${m.estagio}, rulebook ${m.rulebook}, tentativa ${m.tentativa}`,
    `  veio de ${topico}/${particao}/${posicao}, recebida em ${instante(recebidaEm)}, chave ${m.chave ?? '(nenhuma)'}`,
    ...Object.entries(m.cabecalhos).map(([nome, valor]) => `  ${nome}: ${valor}`),
    '',
    `${m.motivo}: ${m.descricao}`,
    `  ${m.detalhe}`,
    `  ${m.saida}`,
    '',
    conteudo,
    ...(m.correcao === null
      ? []
      : [
          '',
          `Corrigida por ${m.correcao.por} em ${instante(m.correcao.em)}; irá para ${m.correcao.topico}:`,
          `  ${recuado(m.correcao.interacao)}`,
        ]),
  ].join('\n');
}
