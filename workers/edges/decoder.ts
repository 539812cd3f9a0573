import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { SluiceError } from '../../core/errors.ts'
import { failureOf, signalOf } from './ffmpeg-errors.ts'
import { type Frame, frameReader } from './frames.ts'
import { defaultLimits } from './limits.ts'
import { ownProgram } from './own-program.ts'
import { type Child, type Ended, runChild, type Stop } from './process.ts'
import type { MediaTools } from './tools.ts'
import { walled } from './walls.ts'

/** A process that decodes pictures, one question after the other. */
export type Decoder = {
  /** Whoever calls waits for one answer before the next question. Throws when there is none in time, or ever. */
  ask(question: { frame: Buffer; wallMs: number; signal: AbortSignal }): Promise<Frame>
  end(): Promise<void>
  readonly gone: boolean
}

type Options = {
  sandbox: readonly string[]
  /** What decoding may take, beside the program itself. */
  memoryBytes: number
  nice?: number
  /** Hears of it, to hold it still now and then. */
  long?: MediaTools['courtesy']
  /** For tests of what a broken one costs. */
  program?: string
}

const mib = 2 ** 20
/** Node, libvips, their encoders, and the stacks of their threads, by what they reserve: a picture of a few pixels takes so much. */
const programBytes = 768 * mib
const wasmPage = 65_536
const patienceMs = 500
const lifetimeMs = 2 ** 31 - 1
const maxAnswerBytes = 512 * mib
const image = fileURLToPath(new URL('image-child.ts', import.meta.url))

/** Starts one behind the walls of this machine: no network, no file, and no more memory than it was given. */
export function startDecoder({ sandbox, memoryBytes, nice = 5, long, program = image }: Options): Decoder {
  const input = new PassThrough({ highWaterMark: mib })
  let waiting: PromiseWithResolvers<Frame> | undefined
  let child: Child | undefined
  let wish: Stop | undefined
  let gone = false

  const stop = (why: Stop) => {
    wish ??= why
    child?.stop(why)
  }
  const take = frameReader({ maxBytes: maxAnswerBytes, onFrame: (frame) => waiting?.resolve(frame) })
  const onExtra = (bytes: Buffer) => {
    try {
      take(bytes)
    } catch {
      // What it says cannot be read any more, whatever comes next.
      stop('output')
    }
  }
  const run = argvOf({ sandbox, memoryBytes, nice, program }).then((argv) =>
    runChild({
      ...{ argv, cwd: '/', wallMs: lifetimeMs, nice, input, onExtra, courtesy: long },
      onStart: (started) => {
        child = started
        if (wish) started.stop(wish)
      },
    }),
  )
  const ended = run.then(
    ({ ended, stderrTail }) => {
      gone = true
      waiting?.reject(failureOfDecoder({ ended, stderrTail }))
    },
    (error: unknown) => {
      gone = true
      input.destroy()
      waiting?.reject(error)
    },
  )

  return {
    async ask({ frame, wallMs, signal }) {
      signal.throwIfAborted()
      const answer = Promise.withResolvers<Frame>()
      waiting = answer
      const onAbort = () => stop('aborted')
      const clock = setTimeout(() => stop('wall'), wallMs)
      signal.addEventListener('abort', onAbort)
      try {
        if (gone) throw new SluiceError('unavailable', { message: 'the decoder had ended before it was asked' })
        input.write(frame)
        return await answer.promise
      } catch (thrown) {
        signal.throwIfAborted()
        throw thrown
      } finally {
        clearTimeout(clock)
        signal.removeEventListener('abort', onAbort)
        waiting = undefined
      }
    },
    async end() {
      wish ??= 'aborted'
      // It leaves by itself when nobody is there any more; a signal costs the wait for what its room leaves behind.
      input.end()
      const late = setTimeout(() => child?.stop('aborted'), patienceMs)
      await ended
      clearTimeout(late)
    },
    get gone() {
      return gone || wish !== undefined
    },
  }
}

const limits = { ...defaultLimits, memoryBytes: 2 ** 44, fileBytes: 0, cpuSeconds: 3600, processes: 64 }

function argvOf({ sandbox, memoryBytes, nice, program }: Required<Omit<Options, 'long'>>): Promise<string[]> {
  const flags = [
    // libheif's memory is WebAssembly's, which has a limit of its own, and would reserve far more than it uses.
    ...['--disable-wasm-trap-handler', `--wasm-max-mem-pages=${Math.min(65_536, Math.ceil(memoryBytes / wasmPage))}`],
    ...['--max-semi-space-size=2', '--max-old-space-size=128'],
  ]
  return walled({
    ...{ sandbox, cwd: '/', sees: [...ownProgram, program] },
    limits: { ...limits, dataBytes: programBytes + memoryBytes, nice },
    program: [process.execPath, ...flags, program],
  })
}

/** Why there is no answer. */
function failureOfDecoder({ ended, stderrTail }: { ended: Ended; stderrTail: string }): Error {
  const isMemory = /out of memory|bad_alloc|failed to allocate|unable to allocate|allocation failed/i.test(stderrTail)
  if (ended.stopped === 'output') return crashed(ended, stderrTail)
  const isLimit = ended.stopped === 'wall' || /^SIG(KILL|XCPU|XFSZ)$/.test(signalOf(ended) ?? '')
  if (isLimit) return failureOf({ program: 'the decoder', ended, stderrTail }) ?? crashed(ended, stderrTail)
  if (isMemory) return new SluiceError('resource_limit', { message: `the decoder ran out of memory: ${stderrTail}` })
  return crashed(ended, stderrTail)
}

const crashed = (ended: Ended, stderrTail: string) =>
  new SluiceError('decoder_crashed', {
    message: `the decoder ended with ${signalOf(ended) ?? ended.code}: ${stderrTail}`,
  })
