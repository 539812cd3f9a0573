import type { Command } from 'commander'
import { oneOf } from './options.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

/** `sluice completion`: a script for a shell, made from the commands as they are. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print what makes a shell complete the commands and options')
    .argument('<shell>', shells.join(', '), oneOf(shells, 'shell'))
    .addHelpText(
      'after',
      '\nExamples:\n  sluice completion bash > /etc/bash_completion.d/sluice\n  sluice completion zsh > ~/.zfunc/_sluice\n  sluice completion fish > ~/.config/fish/completions/sluice.fish',
    )
    .action((shell: Shell) => console.log(scripts[shell](wordsOf(program))))
}

type Words = { command: string; about: string; words: string[] }[]

function wordsOf(program: Command): Words {
  return program.commands.map((command) => ({
    command: command.name(),
    about: command.description(),
    words: [
      ...command.commands.map((sub) => sub.name()),
      ...command.options.concat(command.commands.flatMap((sub) => [...sub.options])).flatMap(({ long }) => long ?? []),
      '--help',
    ].filter((word, at, all) => all.indexOf(word) === at),
  }))
}

const quoted = (text: string) => `'${text.replaceAll("'", '’')}'`

const bash = (words: Words) => `_sluice() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words
  case "\${COMP_WORDS[1]}" in
${words.map(({ command, words: own }) => `    ${command}) words=${quoted(own.join(' '))} ;;`).join('\n')}
    *) words=${quoted(words.map(({ command }) => command).join(' '))} ;;
  esac
  [ "$COMP_CWORD" -eq 1 ] && words=${quoted(words.map(({ command }) => command).join(' '))}
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _sluice sluice`

const scripts: Record<Shell, (words: Words) => string> = {
  bash,
  // zsh understands bash's own, once it is told to.
  zsh: (words) => `#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`,
  fish: (words) =>
    words
      .flatMap(({ command, about, words: own }) => [
        `complete -c sluice -n __fish_use_subcommand -a ${command} -d ${quoted(about)}`,
        ...own.map((word) =>
          word.startsWith('--')
            ? `complete -c sluice -n '__fish_seen_subcommand_from ${command}' -l ${word.slice(2)}`
            : `complete -c sluice -n '__fish_seen_subcommand_from ${command}' -a ${word}`,
        ),
      ])
      .join('\n'),
}
