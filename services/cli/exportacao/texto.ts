import type { Ano } from '../api.ts';
import { instante, numero } from '../formato.ts';
import { EXPLICACAO } from './explicacao.ts';
import type { Abertura, Formato } from './exportacao.ts';
import { CAMPOS, SECOES, TIPOS } from './nomes.ts';
import type { PresencaGuardada } from './presencas.ts';
import type { Registro } from './registros.ts';

const LARGURA = 100;
const INSTANTE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

function emLinhas(paragrafo: string): string {
  return paragrafo.replace(new RegExp(`(.{1,${LARGURA}})(?:\\s+|$)`, 'g'), '$1\n');
}

function valorDe(campo: string, valor: unknown): string {
  if (typeof valor === 'boolean') return valor ? 'sim' : 'não';
  if (typeof valor !== 'string') return String(valor);
  if (campo === 'tipoInteracao') return TIPOS[valor] ?? valor;
  return INSTANTE.test(valor) ? instante(valor) : valor;
}

/** The fields of a value, one a line, those inside it further in. */
function camposDe(dados: object, recuo: string): string[] {
  return Object.entries(dados).flatMap(([campo, valor]: [string, unknown]) => {
    const nome = CAMPOS[campo] ?? campo;
    if (typeof valor !== 'object' || valor === null) return [`${recuo}${nome}: ${valorDe(campo, valor)}`];
    const dentro = Array.isArray(valor) ? itensDe(campo, valor, `${recuo}  `) : camposDe(valor, `${recuo}  `);
    return dentro.length === 0 ? [] : [`${recuo}${nome}:`, ...dentro];
  });
}

function itensDe(campo: string, itens: readonly unknown[], recuo: string): string[] {
  return itens.flatMap((item) => {
    if (typeof item !== 'object' || item === null) return [`${recuo}- ${valorDe(campo, item)}`];
    const [primeira = '', ...demais] = camposDe(item, `${recuo}  `);
    return [`${recuo}- ${primeira.trimStart()}`, ...demais];
  });
}

const titulo = (texto: string): string => `\n${texto}\n${'='.repeat(texto.length)}\n`;

const contagem = (porNome: Record<string, number>): string =>
  Object.entries(porNome)
    .map(([nome, n]) => `${nome} ${numero(n)}`)
    .join(', ') || 'nenhum';

const data = (quando: string | null): string => (quando === null ? '–' : instante(quando));

function doAno([ano, a]: [string, Ano]): string {
  return [
    `${ano}: ${a.atendido ? 'cliente atendido' : 'não atendido'}`,
    `  atendimentos: ${numero(a.atendimentos)} (${contagem(a.porTipo)})`,
    `  primeiro: ${data(a.primeiro)}; último: ${data(a.ultimo)}`,
    `  interações que não contam como atendimento: ${contagem(a.outrasMetricas)}`,
    `  indicadores em que você conta: ${a.indicadores.map((i) => `${i.codigo} (${i.periodo})`).join(', ') || 'nenhum'}`,
    '',
  ].join('\n');
}

function daPresenca({ oferta, chave, participacao }: PresencaGuardada): string {
  const onde = `  guardada na memória de trabalho (Redis), na chave ${chave}`;
  return [`Oferta ${oferta}`, ...camposDe(participacao, '  '), onde, ''].join('\n');
}

function dosEsquecimentos(esquecimentos: Abertura['esquecimentos']): string {
  if (esquecimentos.length === 0) return '';
  const linhas = esquecimentos.map(
    ({ numero: n, desde }) => `Esquecimento ${n}: só há o que aconteceu desde ${data(desde)}`,
  );
  return `${titulo('O esquecimento que você pediu')}${linhas.join('\n')}\n`;
}

function abre({ cliente, geradaEm, situacao, presencas, esquecimentos }: Abertura): string {
  const anos = Object.entries(situacao?.anos ?? {});
  return [
    `OS SEUS DADOS NO ATENDIDO\n\nCliente: ${cliente}\nGerado em: ${instante(geradaEm)} (horário de Brasília)\n\n`,
    EXPLICACAO.map(emLinhas).join('\n'),
    dosEsquecimentos(esquecimentos),
    titulo('A sua situação, ano a ano'),
    anos.length === 0 ? 'Nada foi contado de você.\n' : anos.map(doAno).join('\n'),
    titulo('Presenças guardadas enquanto uma oferta pode mudar'),
    presencas.length === 0 ? 'Nenhuma.\n' : presencas.map(daPresenca).join('\n'),
  ].join('');
}

function oQue({ tipoInteracao, interacao }: Registro['dados']): string {
  const tipo = tipoInteracao ?? (interacao as { tipoInteracao?: unknown } | undefined)?.tipoInteracao;
  return typeof tipo === 'string' ? (TIPOS[tipo] ?? tipo) : 'registro';
}

function doRegistro({ topico, particao, posicao, recebidaEm, dados }: Registro): string {
  const onde = `  guardado em ${topico}/${particao}/${posicao}, recebido em ${instante(recebidaEm)}`;
  return [`* ${oQue(dados)}`, ...camposDe(dados, '  '), onde, '', ''].join('\n');
}

/** For a person to read: the explanation, her status by year, and each record under what its topic holds. */
export function emTexto(): Formato {
  let secao: string | null = null;
  return {
    abre,
    registro: (registro) => {
      const nova = registro.topico !== secao;
      secao = registro.topico;
      return (nova ? titulo(SECOES[registro.topico] ?? registro.topico) : '') + doRegistro(registro);
    },
    fecha: (total) => `${titulo('Fim')}${numero(total)} registros ao todo.\n`,
  };
}
