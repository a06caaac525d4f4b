import { type Command, Option } from 'commander';
import { ATOS } from '#platform/nomes-dos-atos.ts';
import { instanteDe } from '../instante.ts';
import { limiteDe } from '../limite.ts';

interface Opcoes {
  quem?: string;
  ato?: string;
  /** Milliseconds since the epoch. */
  desde?: number;
  ate?: number;
  limite: number;
  json?: boolean;
}

async function acts({ limite, json, quem, ato, desde: de, ate }: Opcoes): Promise<void> {
  const [{ leAtos }, { textoDosAtos }, { conectado }] = await Promise.all([
    import('#platform/atos.ts'),
    import('../atos.ts'),
    import('../conexoes.ts'),
  ]);
  const lidos = await conectado(({ kafka }) => leAtos(kafka, { quem, ato, de, ate }));
  process.stdout.write(`${json ? JSON.stringify(lidos.atos, null, 2) : textoDosAtos(lidos, limite)}\n`);
  if (json && lidos.ilegiveis > 0) process.stderr.write(`${lidos.ilegiveis} registros de atos são ilegíveis.\n`);
}

export function register(program: Command): void {
  program
    .command('acts')
    .summary('quem fez o quê: chaves, portfólio, quarentena, reprocessamento')
    .description(
      'Mostra quem fez o quê e quando, do mais antigo ao mais novo: chaves, fontes, portfólio, correções e reenvios da ' +
        'quarentena, rulebooks aplicados, estados trocados, clientes esquecidos e exportados. Nada disto é apagado.',
    )
    .option('--quem <nome>', 'só o que esta pessoa, ou esta chave, fez')
    .addOption(new Option('--ato <ato>', 'só atos deste tipo').choices(ATOS))
    .option('--desde <quando>', 'só deste dia ou instante em diante', instanteDe)
    .option('--ate <quando>', 'só antes deste dia ou instante', instanteDe)
    .option('--limite <n>', 'quantos mostrar na tabela, os últimos', limiteDe, 50)
    .option('--json', 'escreve JSON, com todos')
    .action(acts);
}
