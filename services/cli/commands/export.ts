import type { Command } from 'commander';
import { numero } from '../formato.ts';

interface Opcoes {
  json?: boolean;
  out?: string;
}

async function exportaCliente(cliente: string, opcoes: Opcoes): Promise<void> {
  const [{ conectado }, { dizOndeEsta }, { exporta, pessoaDe }, { comSaida }, { emJson }, { emTexto }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../em-andamento.ts'),
      import('../exportacao/exportacao.ts'),
      import('../exportacao/saida.ts'),
      import('../exportacao/json.ts'),
      import('../exportacao/texto.ts'),
    ]);
  const { resolveClientIdKey } = await import('#platform/config.ts');
  const pessoa = pessoaDe(cliente, resolveClientIdKey());
  const progresso = dizOndeEsta<string>(
    (topico, lidos, total) => `Lendo ${topico}: ${numero(lidos)} de ${numero(total ?? lidos)} registros…`,
  );
  const formato = opcoes.json ? emJson() : emTexto();
  const registros = await comSaida(opcoes.out, (escreve) =>
    conectado((conexoes) => exporta(conexoes, pessoa, { formato, escreve, progresso })),
  );
  const onde = opcoes.out === undefined ? '' : `, em ${opcoes.out} (só o dono do arquivo o lê)`;
  process.stderr.write(`${numero(registros)} registros${onde}.\n`);
}

export function register(program: Command): void {
  program
    .command('export')
    .summary('tudo o que se guarda de uma pessoa, para ela (LGPD)')
    .description(
      'Escreve tudo o que se guarda de uma pessoa, para lhe ser entregue (LGPD, art. 18, II e V): a situação por ano, cada\n' +
        'registro que a nomeia, com onde está e quando foi recebido, as decisões e os motivos, e as presenças. Do que é de\n' +
        'outras pessoas nada sai: de uma lista, só a linha dela. Relê todos os tópicos: demora o que o log for longo.',
    )
    .argument('<cliente>', 'CPF, CNPJ ou id (pf:… ou pj:…)')
    .option('--json', 'escreve JSON, completo; sem isto, um texto para a pessoa ler')
    .option('--out <arquivo>', 'grava no arquivo, que só o dono lê (0600); sem isto, na saída padrão')
    .action(exportaCliente);
}
