import type { Command } from 'commander';
import { numero } from '../formato.ts';
import type { EtapaDaTroca } from '../troca/troca.ts';

interface Opcoes {
  pessoa: string;
  confirma?: boolean;
  por?: string;
  json?: boolean;
}

function linhaDa(etapa: EtapaDaTroca, feito: number, total: number | null): string {
  if (etapa === 'le') return `Lendo quem já é conhecido: ${numero(feito)} de ${numero(total ?? feito)} registros…`;
  if (etapa === 'publica') return 'Publicando quem é conhecido…';
  if (etapa === 'anuncia') return 'Anunciada: por alguns segundos as portas pedem a quem envia um CPF que espere…';
  return 'Em vigor.';
}

const segundos = (ms: number): string => (ms / 1_000).toFixed(1).replace('.', ',');

async function troca({ pessoa, confirma, por, json }: Opcoes): Promise<void> {
  const [{ conectado }, { dizOndeEsta, interrompivel }, { autorDe }, { cpfValido }, config, { CodedError }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../em-andamento.ts'),
      import('../autor.ts'),
      import('#domain/documento.ts'),
      import('#platform/config.ts'),
      import('#platform/errors.ts'),
    ]);
  const anterior = config.resolvePreviousClientIdKey();
  if (anterior === null && !confirma) {
    const mensagem = 'defina CLIENT_ID_KEY (a chave nova) e CLIENT_ID_KEY_ANTERIOR (a que está em uso)';
    throw new CodedError('CHAVE_ANTERIOR_OBRIGATORIA', mensagem, { exitCode: 2 });
  }
  if (!cpfValido(pessoa)) {
    throw new CodedError('DOCUMENTO_INVALIDO', '--pessoa não é um CPF: confira os dígitos', { exitCode: 2 });
  }
  const quem = { quem: autorDe(por), chave: null };
  const progresso = dizOndeEsta(linhaDa);
  if (anterior === null || confirma) {
    const { confirmaAChave } = await import('../troca/confirma.ts');
    await interrompivel('parei; peça de novo', (sinal) =>
      conectado((conexoes) =>
        confirmaAChave(
          conexoes,
          { chave: anterior ?? config.resolveClientIdKey(), pessoa, quem },
          { sinal, progresso },
        ),
      ),
    );
    process.stdout.write(
      json ? '{"confirmada": true}\n' : 'Confirmada: é por esta CLIENT_ID_KEY que se conhece a pessoa.\n',
    );
    return;
  }
  const { trocaAChave } = await import('../troca/troca.ts');
  const saida = 'parei; se acima não está dito `Em vigor`, peça de novo: recomeço, ou digo que já está em vigor';
  const feita = await interrompivel(saida, (sinal) =>
    conectado((conexoes) => trocaAChave(conexoes, { anterior, pessoa, quem }, { sinal, progresso })),
  );
  const { medida } = feita;
  const quantos =
    medida === null
      ? ''
      : `\n${numero(medida.conhecidos)} pessoas conhecidas, lidas em ${segundos(medida.leituraMs)} s; por ` +
        `${segundos(medida.esperaMs)} s as portas pediram a quem enviava um CPF que esperasse.`;
  const texto = `A troca de CLIENT_ID_KEY ${feita.jaEstava ? 'já estava' : 'está'} em vigor, desde ${feita.em}.${quantos}`;
  process.stdout.write(`${json ? JSON.stringify(feita, null, 2) : texto}\n`);
}

export function register(program: Command): void {
  program
    .command('key-change')
    .summary('troca a CLIENT_ID_KEY, pela qual um CPF vira id: quem é conhecido fica com o nome que tem')
    .description(
      'Troca a CLIENT_ID_KEY. Quem já é conhecido fica com o id que tem; quem vier depois é nomeado pela chave nova. Antes, ' +
        'dê a todos os processos as chaves: CLIENT_ID_KEY, a nova, e CLIENT_ID_KEY_ANTERIOR, a que está em uso; até a troca ' +
        'vigorar, nomeiam pela anterior. Troca-se quantas vezes for preciso: em CLIENT_ID_KEY_ANTERIOR ficam todas as de ' +
        'antes, a mais antiga primeiro, entre vírgulas ou uma por linha. Lê o log inteiro enquanto as portas seguem abertas; ' +
        'ao fim, por alguns segundos, elas pedem a quem envia um CPF que espere. Não há volta. Interrompido, peça de novo. ' +
        'Veja docs/privacy.md.',
    )
    .requiredOption('--pessoa <cpf>', 'CPF de alguém de quem já veio algo: mostra que a chave anterior é mesmo essa')
    .option('--confirma', 'não troca: diz a todos que a chave deste ambiente é a que está em uso (CHAVE_DIVERGENTE)')
    .option('--por <nome>', 'quem o faz; sem isto, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action(troca);
}
