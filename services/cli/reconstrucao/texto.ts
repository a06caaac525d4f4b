import type { SituacaoDasGeracoes } from '#platform/estado/geracoes.ts';
import type { DiferencaDeGeracao } from '#platform/reconstrucao/comparacao.ts';
import type { Descarte, Etapa, Reconstrucao } from '#platform/reconstrucao/reconstrucao.ts';
import { linhasDasDiferencas, numero } from '../formato.ts';

const ETAPAS: Record<Etapa, string> = {
  espera: 'Outro processo mexe nas gerações (se foi interrompido, segue em segundos): espero…',
  limpeza: 'Apagando o que sobrou de uma geração descartada',
  linha: 'A linha termina o que tinha a ler; faltam registros',
  construcao: 'Construindo a partir de lancamentos',
  comparacao: 'Comparando com o estado no ar',
  troca: 'Trocando…',
};

/** How far a step has come, in a line. */
export function linhaDaEtapa(etapa: Etapa, feito: number, total: number | null): string {
  if (feito === 0 && total === null) return ETAPAS[etapa];
  return `${ETAPAS[etapa]}: ${numero(feito)}${total === null ? '' : ` de ${numero(total)}`}`;
}

/** What a rebuild came to, for a person. */
export function textoDaReconstrucao(r: Reconstrucao): string {
  const linhas = [`${numero(r.comparados)} chaves de clientes e todos os contadores comparados.`];
  const lados = ({ viva, nova }: DiferencaDeGeracao): [string, unknown][] => [
    ['no ar:       ', viva],
    ['reconstruído:', nova],
  ];
  linhas.push(...linhasDasDiferencas(r.diferencas, lados));
  if (r.trocada && r.guardada === null) {
    linhas.push(`No ar: a geração ${r.viva}, do rulebook aplicado; a linha esperou ${numero(r.paradoMs)} ms.`);
  } else if (r.trocada) {
    linhas.push(`No ar: a geração ${r.viva}; a linha esperou ${numero(r.paradoMs)} ms. A ${r.guardada} fica guardada:`);
    linhas.push('volte a ela com `atendido rebuild back`, ou libere a memória com `atendido rebuild discard-old`.');
  } else {
    linhas.push(`Nada foi trocado: segue no ar a geração ${r.viva}, e a ${r.guardada} fica pronta ao lado.`);
    linhas.push('Troque com `atendido rebuild --accept-differences`, ou apague-a com `atendido rebuild cancel`.');
  }
  return linhas.join('\n');
}

/** Which generations there are, for a person. */
export function textoDaSituacao({ viva, anterior, nova, descartada }: SituacaoDasGeracoes): string {
  const linhas = [`${viva}: no ar`];
  if (anterior !== null) linhas.push(`${anterior}: a anterior, guardada`);
  if (nova !== null && nova === anterior) {
    linhas.push(`${nova}: a volta a ela não acabou; \`atendido rebuild back\` continua`);
  } else if (nova !== null) linhas.push(`${nova}: em construção; \`atendido rebuild\` continua`);
  if (descartada !== null) linhas.push(`${descartada}: sendo apagada; \`atendido rebuild discard-old\` termina`);
  return linhas.join('\n');
}

/** What was removed, for a person. */
export function textoDoDescarte(descarte: Descarte): string {
  if ('apagada' in descarte) return `A geração ${descarte.apagada} foi apagada.`;
  return `A volta à geração ${descarte.guardada} foi cancelada; ela segue guardada.`;
}
