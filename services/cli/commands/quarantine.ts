import { type Command, Option } from 'commander';
import { MOTIVOS_DA_CHAVE, MOTIVOS_QUARENTENA } from '#domain/decisao.ts';
import type { Filtros } from '#platform/quarentena/selecao.ts';
import { numero } from '../formato.ts';
import { instanteDe } from '../instante.ts';
import { limiteDe } from '../limite.ts';

interface ComJson {
  json?: boolean;
}

interface OpcoesDoFix extends ComJson {
  file?: string;
  set?: string[];
  por?: string;
  outraIdentidade?: boolean;
}

interface OpcoesDoReplay extends Filtros, ComJson {
  todas?: boolean;
  prontas?: boolean;
  apply?: boolean;
  por?: string;
  limite: number;
}

function escreve<T>(resultado: T, { json }: ComJson, texto: (resultado: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(resultado, null, 2) : texto(resultado)}\n`);
}

async function list({ limite, ...opcoes }: Filtros & ComJson & { limite: number }): Promise<void> {
  const [{ conectado }, { pendentes }, { listaDe, textoDaLista }] = await Promise.all([
    import('../conexoes.ts'),
    import('#platform/quarentena/selecao.ts'),
    import('../quarentena/lista.ts'),
  ]);
  const lista = listaDe(await conectado((conexoes) => pendentes(conexoes, opcoes, false)));
  escreve(lista, opcoes, (l) => textoDaLista(l, limite));
}

async function show(id: string, opcoes: ComJson): Promise<void> {
  const [{ conectado }, { mostra }, { textoDaMostra }] = await Promise.all([
    import('../conexoes.ts'),
    import('#platform/quarentena/mostra.ts'),
    import('../quarentena/mostra.ts'),
  ]);
  escreve(await conectado((conexoes) => mostra(conexoes, id)), opcoes, textoDaMostra);
}

async function autorDe(por: string | undefined): Promise<string> {
  return (await import('../autor.ts')).autorDe(por);
}

async function fix(id: string, { file, set = [], ...opcoes }: OpcoesDoFix): Promise<void> {
  const [{ conectado }, { CodedError }, { corrige }, { textoDaCorrecao }, { leEdicao }, { leDocumento }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('#platform/errors.ts'),
      import('#platform/quarentena/correcao.ts'),
      import('../quarentena/correcao.ts'),
      import('#platform/quarentena/edicao.ts'),
      import('../offline.ts'),
    ]);
  if ((file === undefined) === (set.length === 0)) {
    throw new CodedError('EDICAO_INVALIDA', 'diga ou --file, ou --set (uma ou mais vezes)', { exitCode: 2 });
  }
  const correcoes = file === undefined ? { edicoes: set.map(leEdicao) } : { evento: await leDocumento(file) };
  const por = await autorDe(opcoes.por);
  const outraIdentidade = opcoes.outraIdentidade === true;
  const corrigida = await conectado((conexoes) => {
    const pseudonimo = conexoes.nomes.registra;
    return corrige(conexoes, { id, correcoes, por, outraIdentidade, pseudonimo });
  });
  escreve(corrigida, opcoes, textoDaCorrecao);
}

async function replay(ids: string[], opcoes: OpcoesDoReplay): Promise<void> {
  const [{ conectado }, { CodedError }, { reenviaSelecao }, { exigeCompleto, textoDasReenviadas }, { randomUUID }] =
    await Promise.all([
      import('../conexoes.ts'),
      import('#platform/errors.ts'),
      import('#platform/quarentena/replay.ts'),
      import('../quarentena/reenvio.ts'),
      import('node:crypto'),
    ]);
  const { limite, motivo, source, topico, desde, ate } = opcoes;
  const filtros = { motivo, source, topico, desde, ate };
  const filtrada = Object.values(filtros).some((f) => f !== undefined);
  if (ids.length > 0 ? filtrada || opcoes.todas : !filtrada && !opcoes.todas) {
    const saida = 'diga ids, ou filtros (--motivo, --source, --topico, --desde, --ate), ou --todas';
    throw new CodedError('SELECAO_INVALIDA', saida, { exitCode: 2 });
  }
  const pedido = { ...filtros, ids, prontas: opcoes.prontas === true };
  const autor = opcoes.apply ? { por: await autorDe(opcoes.por), execucao: randomUUID() } : null;
  const feitas = await conectado((conexoes) =>
    reenviaSelecao(conexoes, pedido, autor, (feitos, todos) => {
      process.stderr.write(`${numero(feitos)} de ${numero(todos)} reenviadas…\n`);
    }),
  );
  escreve(feitas, opcoes, (r) => textoDasReenviadas(r, limite));
  exigeCompleto(feitas);
}

function comFiltros(comando: Command): Command {
  return comando
    .addOption(
      new Option('--motivo <motivo>', 'só as deste motivo').choices([...MOTIVOS_QUARENTENA, ...MOTIVOS_DA_CHAVE]),
    )
    .option('--source <source>', 'só as desta fonte')
    .addOption(new Option('--topico <tópico>', 'só as que vieram deste tópico').choices(['interacoes', 'presencas']))
    .option('--desde <quando>', 'só as postas de lado deste dia ou instante em diante', instanteDe)
    .option('--ate <quando>', 'só as postas de lado antes deste dia ou instante', instanteDe)
    .option('--limite <n>', 'quantas mostrar na tabela', limiteDe, 50)
    .option('--json', 'escreve JSON, com todas');
}

const junta = (um: string, antes: string[] = []): string[] => [...antes, um];

export function register(program: Command): void {
  const quarantine = program
    .command('quarantine')
    .summary('o que espera em quarentena: ver, corrigir e reenviar')
    .description('Mostra o que espera em quarentena, corrige e reenvia. Um registro volta à linha uma só vez.');
  comFiltros(quarantine.command('list'))
    .summary('o que ainda espera, e por quê')
    .description('Lista o que ainda espera em quarentena, com os totais por motivo. O que foi reenviado não aparece.')
    .action(list);
  quarantine
    .command('show')
    .summary('um registro inteiro, por que espera, e a saída')
    .description('Mostra um registro da quarentena por inteiro, por que espera, e o que fazer.')
    .argument('<id>', 'o id em `quarantine list`, como 3/1842')
    .option('--json', 'escreve JSON')
    .action(show);
  quarantine
    .command('fix')
    .summary('guarda uma cópia corrigida, para ser reenviada')
    .description(
      'Guarda uma cópia corrigida de um registro, com quem corrigiu e quando, depois de validá-la como um evento novo. ' +
        'Nada é enviado: quem envia é `quarantine replay`. Outra correção substitui a anterior.',
    )
    .argument('<id>', 'o id em `quarantine list`, como 3/1842')
    .option('--file <arquivo>', 'o evento corrigido inteiro, JSON de um CloudEvent (-: entrada padrão)')
    .option('--set <campo=valor>', 'corrige um campo de data, ou source, id, type, time; vazio o retira', junta)
    .option('--outra-identidade', 'a correção pode ter outro source ou id')
    .option('--por <quem>', 'quem corrige; sem ele, o usuário do sistema')
    .option('--json', 'escreve JSON')
    .action(fix);
  comFiltros(quarantine.command('replay'))
    .summary('reenvia à linha; sem --apply, só mostra o que sairia')
    .description(
      'Mostra o que sairia hoje dos registros escolhidos e, com --apply, os devolve ao tópico de onde vieram: como vieram ' +
        'ou como foram corrigidos. Cada um volta uma só vez, por mais que se repita ou que outros façam o mesmo.',
    )
    .argument('[ids...]', 'ids em `quarantine list`; sem eles, filtros ou --todas')
    .option('--todas', 'tudo o que espera')
    .option('--prontas', 'só as que hoje não voltariam à quarentena')
    .option('--apply', 'reenvia; sem isto nada é enviado')
    .option('--por <quem>', 'quem reenvia; sem ele, o usuário do sistema')
    .action(replay);
}
