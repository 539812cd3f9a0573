import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { type Limits, withLimits } from './limits.ts'

/** Stands in a sandbox for the files of one run. */
export const here = '--here'

type Walled = {
  /** What `findSandbox` found. */
  sandbox: readonly string[]
  limits: Limits
  program: readonly string[]
  /** Where it works; the one place that it may write to. `/` for one that writes nothing. */
  cwd: string
  /** What it may read besides. What its arguments name as input, when nothing is said. */
  sees?: readonly string[]
}

/** A program behind the walls of this machine: with its limits, and before its eyes no file but those that its work needs. */
export async function walled({ sandbox, limits, program, cwd, sees = inputsOf(program) }: Walled): Promise<string[]> {
  const prefix = withLimits(sandbox, limits)
  const at = prefix.indexOf(here)
  if (at === -1) return [...prefix, ...program]
  const inner = prefix.slice(at + 1).filter(path.isAbsolute)
  const files = [...inner, program[0] ?? '', ...sees]
  const views = (await Promise.all(files.map((file) => viewsOf({ file, cwd })))).flat()
  const room = cwd === '/' ? [] : ['--bind', cwd, cwd]
  const furniture = [...room, ...views, '--remount-ro', '/', '--chdir', cwd]
  return [...prefix.slice(0, at), ...furniture, ...prefix.slice(at + 1), ...program]
}

/** What ffmpeg and ffprobe are told to read. */
function inputsOf(program: readonly string[]): string[] {
  return program.flatMap((word, n) =>
    program[n - 1] === '-i' && /^(file:)?\//.test(word) ? [word.replace('file:', '')] : [],
  )
}

/** Where a file lies, and where it is called for when that is somewhere else and not in the room. */
async function viewsOf({ file, cwd }: { file: string; cwd: string }): Promise<string[]> {
  const real = await realpath(file).catch(() => file)
  const names = real === file || isWithin(file, cwd) ? [real] : [real, file]
  return names.filter((name) => !isWithin(name, cwd)).flatMap((name) => ['--ro-bind-try', real, name])
}

const isWithin = (file: string, folder: string) => folder !== '/' && file.startsWith(`${folder}/`)
