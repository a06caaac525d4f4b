import { type Command, InvalidArgumentError, Option } from 'commander';
import { UNIDADES } from '#domain/contrato.ts';
import { INTERACOES_PERMITIDAS, PAPEIS, type Papel, type Permitida } from '#platform/credenciais/permissoes.ts';
import { duracaoDe } from '../duracao.ts';

interface ComAutor {
  por?: string;
  json?: boolean;
}

interface OpcoesDoCreate extends ComAutor {
  papel: Papel[];
  source?: string;
  tipo?: Permitida[];
  limite?: number;
  registra?: string;
  unidade?: string;
}

const importa = async () => {
  const [chaves, { autorDe }] = await Promise.all([import('../chaves.ts'), import('../autor.ts')]);
  return { chaves, autorDe };
};
type Chaves = Awaited<ReturnType<typeof importa>>['chaves'];

function entrega(chaves: Chaves, nova: Awaited<ReturnType<Chaves['cria']>>, { json }: ComAutor): void {
  process.stderr.write(`${chaves.textoDaNova(nova)}\n`);
  process.stdout.write(`${json ? JSON.stringify(nova, null, 2) : nova.chave}\n`);
}

async function create(id: string, opcoes: OpcoesDoCreate, comando: Command): Promise<void> {
  const { chaves, autorDe } = await importa();
  const { papel: papeis, source, tipo: interacoes, limite, registra: nomeDaFonte, unidade } = opcoes;
  if (unidade !== undefined && nomeDaFonte === undefined) {
    comando.error("a opção '--unidade' é da fonte que se registra: diga também --registra");
  }
  const pedido = { id, papeis, source, interacoes, limite, nomeDaFonte, unidade };
  entrega(chaves, await chaves.cria(pedido, autorDe(opcoes.por)), opcoes);
}

async function rotate(id: string, opcoes: ComAutor & { carencia?: number }): Promise<void> {
  const { chaves, autorDe } = await importa();
  entrega(chaves, await chaves.troca(id, opcoes.carencia, autorDe(opcoes.por)), opcoes);
}

async function revoke(id: string, opcoes: ComAutor): Promise<void> {
  const { chaves, autorDe } = await importa();
  await chaves.revoga(id, autorDe(opcoes.por));
  if (opcoes.json) process.stdout.write(`${JSON.stringify({ id, revogada: true })}\n`);
  else process.stderr.write(`Chave '${id}' revogada.\n`);
}

async function list({ json }: ComAutor): Promise<void> {
  const { chaves } = await importa();
  const todas = await chaves.lista();
  process.stdout.write(`${json ? JSON.stringify(todas, null, 2) : chaves.textoDaLista(todas)}\n`);
}

function leLimite(texto: string): number {
  if (/^[1-9]\d{0,5}$/.test(texto)) return Number(texto);
  throw new InvalidArgumentError('escreva um número inteiro, de 1 a 999999');
}

/** An option that may be repeated, and is one of these each time. */
function umDe<T extends string>(validos: readonly T[]) {
  return (um: string, antes: T[] = []): T[] => {
    const valido = validos.find((v) => v === um);
    if (valido === undefined) throw new InvalidArgumentError(`os valores possíveis são ${validos.join(', ')}`);
    return [...antes, valido];
  };
}

const POR = ['--por <quem>', 'quem faz; sem isto, o usuário do sistema'] as const;
const JSON_ = ['--json', 'escreve JSON'] as const;

export function register(program: Command): void {
  const key = program
    .command('key')
    .summary('as chaves de acesso: criar, ver, trocar e revogar')
    .description(
      'Cria, mostra, troca e revoga as chaves com que se chama a api, pela própria api e com a chave de operação. ' +
        'O que se faz fica escrito: veja `atendido acts`. Mais em docs/keys.md.',
    );
  registerCreate(key);
  registerList(key);
  registerRotate(key);
  registerRevoke(key);
}

function registerCreate(key: Command): void {
  key
    .command('create')
    .summary('cria uma chave e a mostra, uma única vez')
    .description(
      'Cria uma chave e a escreve na saída padrão, uma única vez: o sistema só guarda o hash. Recusa um id que já existe.',
    )
    .argument('<id>', 'como a chave é chamada')
    .requiredOption('--papel <papel>', `o que pode fazer: ${PAPEIS.join(', ')}; repita para mais de um`, umDe(PAPEIS))
    .option('--source <source>', 'a fonte pela qual envia; obrigatória para produtor')
    .option(
      '--tipo <tipo>',
      'só envia este tipo de interação; repita para mais de um; sem isto, os da fonte',
      umDe(INTERACOES_PERMITIDAS),
    )
    .option('--limite <n>', 'requisições por segundo; uma de vários eventos vale por todos', leLimite)
    .option('--registra <nome>', 'registra antes a fonte, ou a substitui, com este nome, estes tipos e esta unidade')
    .addOption(
      new Option('--unidade <UF>', 'com --registra: a unidade dos statements xAPI que não a dizem').choices(UNIDADES),
    )
    .option(...POR)
    .option(...JSON_)
    .action(create);
}

function registerList(key: Command): void {
  key
    .command('list')
    .description('mostra as chaves que valem, sem os segredos')
    .option(...JSON_)
    .action(list);
}

function registerRotate(key: Command): void {
  key
    .command('rotate')
    .summary('dá outro segredo a uma chave; o anterior vale ainda por um prazo')
    .description(
      'Dá outro segredo a uma chave e o escreve na saída padrão, uma única vez. O anterior vale ainda por um prazo, para ' +
        'que o sistema que a usa troque sem parar; o que valia antes dele deixa de valer.',
    )
    .argument('<id>', 'a chave')
    .option(
      '--carencia <duração>',
      'por quanto tempo a anterior ainda vale: 30s, 10min, 12h, até 30d; ou 0; sem isto, 24h',
      duracaoDe,
    )
    .option(...POR)
    .option(...JSON_)
    .action(rotate);
}

function registerRevoke(key: Command): void {
  key
    .command('revoke')
    .description('revoga uma chave, e a anterior dela: em segundos ninguém mais a aceita')
    .argument('<id>', 'a chave')
    .option(...POR)
    .option(...JSON_)
    .action(revoke);
}
