import { type Command, Help, type Option } from 'commander';
import { ocultaCpf } from '#domain/oculta-cpf.ts';

const TITLES: Record<string, string> = {
  'Usage:': 'Uso:',
  'Arguments:': 'Argumentos:',
  'Options:': 'Opções:',
  'Commands:': 'Comandos:',
  'Global Options:': 'Opções gerais:',
};

/** The library's own messages, by pattern; what is quoted in them stays. */
const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'/, "comando desconhecido: '$1'"],
  [/^error: unknown option '(.*)'/, "opção desconhecida: '$1'"],
  [/^error: missing required argument '(.*)'/, "falta o argumento '$1'"],
  [/^error: option '(.*)' argument missing/, "a opção '$1' precisa de um valor"],
  [/^error: required option '(.*)' not specified/, "a opção '$1' é obrigatória"],
  [/^error: too many arguments.*/, 'há argumentos demais'],
  [/^error: option '(.*)' argument '(.*)' is invalid\.\s*/, "valor inválido '$2' para a opção '$1': "],
  [
    /^error: command-argument value '(.*)' is invalid for argument '(.*)'\.\s*/,
    "valor inválido '$1' para o argumento '$2': ",
  ],
  [/Allowed choices are (.*)\./, 'os valores possíveis são $1'],
  [/\(Did you mean one of (.*)\?\)/, '(seria um destes: $1?)'],
  [/\(Did you mean (.*)\?\)/, '(seria $1?)'],
];

/** One of the library's error messages in Portuguese, with the code in front; a CPF in what it quotes is hidden. */
export function translate(message: string): string {
  let text = message;
  for (const [pattern, replacement] of MESSAGES) text = text.replace(pattern, replacement);
  return `USO_INVALIDO: ${ocultaCpf(text)}`;
}

const library = new Help();
const inPortuguese = (usage: string): string =>
  usage.replace('[options]', '[opções]').replace('[command]', '[comando]').trim();

/** A description as a sentence: a short one is written as a summary is, without a capital and a full stop. */
function sentence(text: string): string {
  const whole = /[.:!?]$/.test(text) ? text : `${text}.`;
  return whole.charAt(0).toUpperCase() + whole.slice(1);
}

/** A group's options, and those of what it does by default: of its `run`. */
function optionsOf(command: Command): Option[] {
  const usual = command.commands.find((sub) => sub.name() === 'run');
  return [...(usual?.options ?? []), ...library.visibleOptions(command)];
}

/** Makes a command, and its own subcommands, speak Portuguese: help titles, help option, errors of use. */
export function ptBr(command: Command): void {
  command
    .helpOption('-h, --help', 'mostra esta ajuda')
    .configureHelp({
      styleTitle: (title) => TITLES[title] ?? title,
      optionDescription: (option) =>
        option.defaultValue === undefined || typeof option.defaultValue === 'boolean'
          ? option.description
          : `${option.description} (padrão: ${String(option.defaultValue)})`,
      visibleOptions: optionsOf,
      commandDescription: (sub) => (sub.description() === '' ? '' : sentence(sub.description())),
      subcommandTerm: (sub) => inPortuguese(`${sub.name()} ${sub.usage()}`),
      commandUsage: (sub) => {
        const parents = [];
        for (let one = sub.parent; one; one = one.parent) parents.unshift(one.name());
        return inPortuguese([...parents, sub.name(), sub.usage()].join(' '));
      },
    })
    .configureOutput({ outputError: (text, write) => write(translate(text)) });
  if (command.commands.length === 0) return;
  command.helpCommand('help [comando]', 'mostra a ajuda de um comando');
  for (const sub of command.commands) ptBr(sub);
}
