import { type Command, Option } from 'commander';
import type { OpcoesDeBi } from '../exportacao-bi/comando.ts';
import { numero, quantos } from '../formato.ts';
import { instanteDe } from '../instante.ts';
import { limiteDe } from '../limite.ts';

/** A person's data whole where a client is named; else, with --from, the records that BI reads. */
async function exporta(cliente: string | undefined, opcoes: OpcoesDeBi): Promise<void> {
  const { exportaRegistros, recusaMistura } = await import('../exportacao-bi/comando.ts');
  if (cliente === undefined) return exportaRegistros(opcoes);
  recusaMistura(opcoes);
  return exportaCliente(cliente, opcoes);
}

async function exportaCliente(cliente: string, opcoes: Pick<OpcoesDeBi, 'json' | 'out'>): Promise<void> {
  const [{ conectado }, { dizOndeEsta }, { exporta, pessoaDe }, { comSaida }, { emJson }, { emTexto }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../em-andamento.ts'),
      import('../exportacao/exportacao.ts'),
      import('../exportacao/saida.ts'),
      import('../exportacao/json.ts'),
      import('../exportacao/texto.ts'),
    ]);
  const progresso = dizOndeEsta<string>(
    (topico, lidos, total) => `Lendo ${topico}: ${numero(lidos)} de ${numero(total ?? lidos)} registros…`,
  );
  const formato = opcoes.json ? emJson() : emTexto();
  const registros = await comSaida(opcoes.out, (escreve) =>
    conectado((conexoes) =>
      exporta(conexoes, pessoaDe(cliente, conexoes.nomes.todos), { formato, escreve, progresso }),
    ),
  );
  const onde = opcoes.out === undefined ? '' : `, em ${opcoes.out} (só o dono do arquivo o lê)`;
  process.stderr.write(`${quantos(registros, 'registro', 'registros')}${onde}.\n`);
}

const EXEMPLOS = `
Exemplos:
  atendido export 529.982.247-25 --out dados.txt             tudo o que se guarda de uma pessoa
  atendido export --from 2026-01-01 --out bi                 registros de 2026 em diante, em parquet, na pasta bi
  atendido export --from 2026-01-01 --out bi                 de novo, no dia seguinte: só o que chegou desde então`;

export function register(program: Command): void {
  program
    .command('export')
    .summary('os dados de uma pessoa, para ela (LGPD), ou os registros, para BI')
    .description(
      'Com um cliente: escreve tudo o que se guarda de uma pessoa, para lhe ser entregue (LGPD, art. 18, II e V): a ' +
        'situação por ano, cada registro que a nomeia, com onde está e quando foi recebido, as decisões e os motivos, e ' +
        'as presenças. Do que é de outras pessoas nada sai: de uma lista, só a linha dela.\n\n' +
        'Sem cliente, com --from: grava na pasta de --out, em parquet ou CSV, as interações classificadas e a situação ' +
        'dos clientes, para BI. Rodado de novo na mesma pasta, acrescenta só o que chegou; morto no meio, continua, e ' +
        'cada registro fica uma vez. Só sai o que está confirmado no Kafka; documento algum sai às claras. As tabelas e ' +
        'colunas estão em docs/bi.md.',
    )
    .argument('[cliente]', 'CPF, CNPJ ou id (pf:… ou pj:…) da pessoa; sem ele, os registros')
    .option('--json', 'escreve JSON: os dados da pessoa, ou o resumo do que se exportou')
    .option(
      '--out <caminho>',
      'da pessoa, o arquivo, que só o dono lê (sem isto, a saída padrão); dos registros, a pasta',
    )
    .option('--from <quando>', 'registros do que aconteceu deste dia (2026-01-01) ou instante em diante', instanteDe)
    .option('--to <quando>', 'só do que aconteceu antes deste dia ou instante; sem isto, sem fim', instanteDe)
    .addOption(new Option('--format <formato>', 'dos registros (sem isto, parquet)').choices(['parquet', 'csv']))
    .option('--linhas <n>', 'quantos registros cabem num arquivo (sem isto, 250.000)', limiteDe)
    .addHelpText('after', EXEMPLOS)
    .action(exporta);
}
