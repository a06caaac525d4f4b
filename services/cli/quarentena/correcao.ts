import type { Corrigida } from '#platform/quarentena/correcao.ts';

export function textoDaCorrecao({ id, topico, por, hoje }: Corrigida): string {
  const detalhe = hoje.detalhe === null ? '' : `: ${hoje.detalhe}`;
  return [
    `Correção de ${id} guardada, por ${por}; irá para ${topico}.`,
    hoje.resultado === 'quarentena'
      ? `Hoje voltaria à quarentena, por ${hoje.motivo}${detalhe}`
      : `Hoje seria ${hoje.resultado === 'contabiliza' ? 'contabilizada' : 'registrada sem contar'}, por ${hoje.motivo}.`,
    `Para enviá-la: atendido quarantine replay ${id} --apply`,
  ].join('\n');
}
