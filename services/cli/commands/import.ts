import { once } from 'node:events';
import { type Command, Option } from 'commander';
import type { ErroDaLinha } from '../importacao/recusas.ts';

interface Opcoes {
  source: string;
  mapa?: string;
  formato?: 'csv' | 'ndjson';
  dryRun?: boolean;
  recusados?: string;
  recomeca?: boolean;
  registra?: string;
  por?: string;
  json?: boolean;
}

const importaPartes = async () => {
  const [importacao, texto, { abreProgresso }, { CodedError }, { interrompivel }] = await Promise.all([
    import('../importacao/importa.ts'),
    import('../importacao/texto.ts'),
    import('../progresso.ts'),
    import('#platform/errors.ts'),
    import('../em-andamento.ts'),
  ]);
  return { ...importacao, ...texto, abreProgresso, CodedError, interrompivel };
};
type Partes = Awaited<ReturnType<typeof importaPartes>>;

async function escreve(texto: string): Promise<void> {
  if (!process.stdout.write(`${texto}\n`)) await once(process.stdout, 'drain');
}

function pedidoDe(arquivo: string, { source, mapa, formato, recusados, recomeca = false }: Opcoes) {
  return { arquivo, source, mapa, formato, recusados, recomeca };
}

/** A bar for the reading of the file for its digest, and then one for its import. */
function progressoDe({ abreProgresso, mebibytes }: Partes) {
  let conferencia: ReturnType<typeof abreProgresso> | null = null;
  return {
    conferindo: (lidos: number, total: number): void => {
      conferencia ??= abreProgresso('Conferindo', total, mebibytes);
      conferencia.anda(lidos);
      if (lidos >= total) conferencia.acaba();
    },
    abreProgresso: (total: number) => abreProgresso('Importando', total, mebibytes),
  };
}

function comRecusas({ CodedError }: Partes, quantas: number, onde: string, repetidas = 0): void {
  const ids = repetidas === 0 ? '' : `, ${repetidas} com o id de outra`;
  if (quantas + repetidas === 0) return;
  throw new CodedError('IMPORTACAO_COM_RECUSAS', `${quantas} linhas recusadas${ids}; ${onde}`);
}

async function ensaio(arquivo: string, opcoes: Opcoes, partes: Partes): Promise<void> {
  const { ensaia } = await import('../importacao/ensaio.ts');
  const { saidaDe } = await import('../importacao/recusas.ts');
  const { oQueFariaDaFonte } = await import('../importacao/acesso.ts');
  const { arquivo: aberto, leitura } = await partes.prepara(pedidoDe(arquivo, opcoes));
  const barra = partes.abreProgresso('Examinando', aberto.tamanho, partes.mebibytes);
  const diz = (linha: number, erro: ErroDaLinha): Promise<void> =>
    escreve(
      opcoes.json ? JSON.stringify({ linha, ...erro, saida: saidaDe(erro.codigo) }) : partes.linhaDoErro(linha, erro),
    );
  const feito = await partes
    .interrompivel('o ensaio não enviou nada', (sinal) =>
      ensaia(leitura, { sinal, diz, progresso: (e) => barra.anda(aberto.lidos(), partes.detalheDo(e)) }),
    )
    .finally(() => barra.acaba());
  await escreve(opcoes.json ? JSON.stringify({ resumo: feito }) : partes.textoDoEnsaio(feito));
  const daFonte = oQueFariaDaFonte({ source: opcoes.source, nomeDaFonte: opcoes.registra });
  if (daFonte !== null) process.stderr.write(`${daFonte}\n`);
  comRecusas(partes, partes.quantas(feito.recusadas), 'nada foi enviado', feito.idsRepetidos);
}

async function envia(arquivo: string, opcoes: Opcoes, partes: Partes): Promise<void> {
  const [{ comAcesso }, { autorDe }] = await Promise.all([import('../importacao/acesso.ts'), import('../autor.ts')]);
  const pedido = pedidoDe(arquivo, opcoes);
  const preparado = await partes.prepara(pedido);
  const saida = 'parei onde estava; o mesmo comando continua daqui';
  const importacao = await partes.interrompivel(saida, (sinal) =>
    partes.importa(pedido, preparado, {
      comAcesso: (nome, trabalho) =>
        comAcesso(
          { source: opcoes.source, nome, nomeDaFonte: opcoes.registra, por: autorDe(opcoes.por) },
          sinal,
          trabalho,
        ),
      ...progressoDe(partes),
      sinal,
      detalhe: partes.detalheDo,
    }),
  );
  const { estado, jaFeita } = importacao;
  await escreve(opcoes.json ? JSON.stringify({ ...estado, jaFeita }, null, 2) : partes.textoDaImportacao(importacao));
  const onde = `corrija ${estado.relatorio.caminho} e importe-o com a mesma fonte e o mesmo mapa`;
  comRecusas(partes, partes.quantas(estado.recusadas), onde);
}

async function importa(arquivo: string, opcoes: Opcoes): Promise<void> {
  const partes = await importaPartes();
  await (opcoes.dryRun ? ensaio : envia)(arquivo, opcoes, partes);
}

const EXEMPLO = `
Exemplo, com o mapa das colunas em mapa.yaml:
  campos:
    tipo: {constante: atendimento}
    time: {colunas: [Data, Hora]}         # 02/03/2026 e 10:15, no fuso de Brasília
    unidade: UF                           # a coluna chamada UF
    tipoSolucao: {constante: orientacao-tecnica}
    canal: {coluna: Canal, traducao: {Tel: telefone, Zap: whatsapp}}
    protocolo: Protocolo
    cliente.pf.cpf: {coluna: CPF, zeros: 11}
  atendido import atendimentos.csv --source crm-sp --mapa mapa.yaml --dry-run
  atendido import atendimentos.csv --source crm-sp --mapa mapa.yaml
  atendido import atendimentos.recusados.csv --source crm-sp --mapa mapa.yaml    # depois de corrigi-lo
`;

export function register(program: Command): void {
  program
    .command('import')
    .summary('carrega um arquivo de CSV ou NDJSON pela porta, com ensaio, retomada e relatório de recusadas')
    .description(
      'Envia à porta (POST /v1/eventos) cada linha de um CSV ou de um NDJSON de CloudEvents, também em gzip. Interrompido, ' +
        'mesmo com kill -9, o mesmo comando continua de onde parou; o que se repete conta uma só vez. As linhas recusadas vão ' +
        'a um arquivo ao lado, que se corrige e se importa de novo como está. Usa a chave de produtor em ATENDIDO_CHAVE; sem ' +
        'ela, quem tem a chave de operação ganha uma só para esta importação, e a fonte que ainda não está registrada passa ' +
        'a estar. Sai com 1 se alguma linha foi recusada. Mais em docs/import.md.',
    )
    .argument('<arquivo>', 'CSV (.csv, .tsv) ou NDJSON (.ndjson, .jsonl), também .gz')
    .requiredOption('--source <source>', 'a fonte em cujo nome se envia')
    .option('--mapa <arquivo>', 'YAML que diz o que é cada coluna do CSV; sem ele, colunas com os nomes do contrato')
    .addOption(new Option('--formato <formato>', 'sem isto, pelo nome do arquivo').choices(['csv', 'ndjson']))
    .option('--dry-run', 'só mostra cada erro, com a linha, o campo, o código e a saída; nada é enviado')
    .option('--recusados <arquivo>', 'onde gravar as linhas recusadas; sem isto, ARQUIVO.recusados.csv ou .ndjson')
    .option('--recomeca', 'do início, mesmo que a importação tenha parado no meio ou terminado')
    .option(
      '--registra <nome>',
      'registra antes a fonte, ou a substitui, com este nome; sem isto, a que falta leva o nome de --source',
    )
    .option('--por <quem>', 'quem importa; sem isto, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .addHelpText('after', EXEMPLO)
    .action(importa);
}
