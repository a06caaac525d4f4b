import type { Command } from 'commander';

interface Opcoes {
  por?: string;
  json?: boolean;
}

const LINHAS = {
  procura: 'Procurando o que há da pessoa…',
  linha: 'Em vigor. Esperando que a linha conte o que veio antes, para encerrar…',
} as const;

async function esqueceCliente(cpf: string, { por, json }: Opcoes): Promise<void> {
  const [{ conectado }, { esquece, nomesDoTitular }, { textoDoEsquecimento }, { interrompivel }, { autorDe }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('../esquecimento/esquece.ts'),
      import('../esquecimento/texto.ts'),
      import('../em-andamento.ts'),
      import('../autor.ts'),
    ]);
  const progresso = (etapa: keyof typeof LINHAS): void => void process.stderr.write(`${LINHAS[etapa]}\n`);
  const saida = 'parei; se acima não está dito `Em vigor`, nada mudou; se está, peça de novo e termino';
  const feito = await interrompivel(saida, (sinal) =>
    conectado((conexoes) =>
      esquece(
        conexoes,
        { nomes: nomesDoTitular(cpf, conexoes.nomes.todos), quem: { quem: autorDe(por), chave: null } },
        { sinal, progresso },
      ),
    ),
  );
  process.stdout.write(`${json ? JSON.stringify(feito, null, 2) : textoDoEsquecimento(feito)}\n`);
}

export function register(program: Command): void {
  program
    .command('forget')
    .summary('esquece uma pessoa (LGPD): o estado, as presenças e o que se liga a ela')
    .description(
      'Esquece uma pessoa (LGPD, art. 18, VI). O que ela fez até agora deixa de se ligar a ela: o estado e as presenças saem ' +
        'do Redis, os totais ficam, e nada do que se reconstrói ou reprocessa a traz de volta. O que ela fizer depois conta ' +
        'como de alguém nunca visto. Não há volta. Interrompido, peça de novo. Veja docs/privacy.md.',
    )
    .argument('<cpf>', 'CPF da pessoa, ou o id (pf:…)')
    .option('--por <nome>', 'quem o faz; sem isto, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action(esqueceCliente);
}
