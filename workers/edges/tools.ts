import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { SluiceError } from '../../core/errors.ts'
import { findExecutable, isExecutable } from './executables.ts'
import { type Child, runChild } from './process.ts'
import { findSandbox } from './sandbox.ts'

export type MediaTools = {
  ffmpeg: string
  ffprobe: string
  version: string
  /** How many processors one run of them may use. */
  cpus: number
  /** How far all that they run stands back, whatever its recipe says. */
  nice?: number
  /** What goes in front of them; see `sandbox.ts`. */
  sandbox: string[]
  /** Hears of each run, where runs take long, and may hold it still; what it gives back is called when the run is over. */
  courtesy?: (run: Pick<Child, 'pause' | 'resume'>) => () => void
  /** Runs each run of ffmpeg, and may measure it. */
  observe?: <Made>(run: () => Promise<Made>) => Promise<Made>
}

type Options = {
  /** FFMPEG_PATH and FFPROBE_PATH. */
  ffmpegPath?: string | undefined
  ffprobePath?: string | undefined
  /** PATH, as the settings have it. */
  searchPath?: string | undefined
  /** How many processors one run may use; all that this process may, when nothing is said. */
  cpus?: number
}

/** Where programs usually are, for when PATH says nothing. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin', '/usr/sbin', '/sbin']

/** Finds ffmpeg and ffprobe: as told, on PATH, or in the optional packages; and what can be put around them here. */
export async function findTools(options: Options): Promise<MediaTools> {
  const { ffmpegPath, ffprobePath, searchPath, cpus = availableParallelism() } = options
  const folders = [...(searchPath ?? '').split(path.delimiter).filter(Boolean), ...usualFolders]
  const ffmpeg = await findTool({ name: 'ffmpeg', told: ffmpegPath, folders, packaged: staticFfmpeg })
  const ffprobe = await findTool({ name: 'ffprobe', told: ffprobePath, folders, packaged: packagedFfprobe })
  const version = await versionOf(ffmpeg)
  return { ffmpeg, ffprobe, version, cpus, sandbox: await findSandbox({ folders, binary: ffmpeg }) }
}

type Search = { name: string; told: string | undefined; folders: string[]; packaged: () => string | undefined }

async function findTool({ name, told, folders, packaged }: Search): Promise<string> {
  const setting = `${name.toUpperCase()}_PATH`
  if (told !== undefined) {
    if (path.isAbsolute(told) && (await isExecutable(told))) return told
    throw missing(`${setting} is ${told}, which is not a program; give the full path of ${name}`)
  }
  const found = await findExecutable({ name, folders })
  if (found !== undefined) return found
  const file = packaged()
  if (file !== undefined && (await isExecutable(file))) return file
  throw missing(`${name} is missing: install it (apt install ffmpeg, brew install ffmpeg) or set ${setting}`)
}

const missing = (message: string) => new SluiceError('unavailable', { message })

async function versionOf(ffmpeg: string): Promise<string> {
  const { ended, stdout } = await runChild({
    argv: [ffmpeg, '-version'],
    cwd: '/',
    wallMs: 10_000,
    maxOutputBytes: 65_536,
  })
  const [, version] = /^ffmpeg version (\S+)/.exec(stdout.toString('utf8')) ?? []
  if (ended.code === 0 && version !== undefined) return version
  throw missing(`${ffmpeg} does not run as ffmpeg does`)
}

/** Optional packages: they may not be installed, nor have a program for this machine. */
function optional(name: string): unknown {
  try {
    return createRequire(import.meta.url)(name)
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    if (/Cannot find|Unsupported platform|Could not find/i.test(reason)) return undefined
    throw error
  }
}

const staticFfmpeg = () => z.string().safeParse(optional('ffmpeg-static')).data
const packagedFfprobe = () =>
  z.object({ path: z.string() }).safeParse(optional('@ffprobe-installer/ffprobe')).data?.path
