import { numero } from '../formato.ts';
import { tabela } from '../tabela.ts';
import type { Resultado } from './exportacao.ts';
import { TABELAS } from './tabelas.ts';

/** What an export added to a folder, for a person. */
export function textoDaExportacao(pasta: string, depois: Resultado, antes: Resultado): string {
  const linhas = TABELAS.map(({ topico }) => {
    const [agora, ja] = [depois[topico], antes[topico]];
    const figuras = [agora.registros - ja.registros, agora.registros, agora.arquivos, agora.ilegiveis];
    return [topico, ...figuras.map(numero)];
  });
  const cabecalho = ['tópico', 'novos', 'na pasta', 'arquivos', 'ilegíveis'];
  const como = `Para consultar: cd ${pasta} && duckdb -init visoes.sql. O que é cada coluna: docs/bi.md.`;
  return `${tabela(cabecalho, 1, linhas)}\n${como}`;
}
