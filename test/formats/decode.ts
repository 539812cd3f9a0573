import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const options = { encoding: 'buffer', maxBuffer: 2 ** 30 } as const
const quiet = ['-nostdin', '-hide_banner', '-v', 'error', '-xerror']

/** Every picture of a file of ours in 8-bit RGB, read as players read it. Throws where it does not decode cleanly. */
export async function decodePictures(file: string): Promise<Buffer> {
  const rgb = 'scale=in_color_matrix=bt709:in_range=tv:flags=accurate_rnd+full_chroma_int,format=rgb24'
  const { stdout, stderr } = await run(
    'ffmpeg',
    [...quiet, '-i', file, '-vf', rgb, '-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'],
    options,
  )
  if (stderr.length > 0) throw new Error(`does not decode cleanly: ${stderr}`)
  return stdout
}

export const soundRate = 8_000

/** The sound of a file of ours, mixed to one channel of 16 bits. */
export async function decodeSound(file: string): Promise<Int16Array> {
  const args = [...quiet, '-i', file, '-ac', '1', '-ar', String(soundRate), '-f', 's16le', 'pipe:1']
  const { stdout, stderr } = await run('ffmpeg', args, options)
  if (stderr.length > 0) throw new Error(`does not decode cleanly: ${stderr}`)
  return new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1)
}

export type Stream = Record<string, string | number | undefined>

const known = new Map<string, Promise<Stream>>()

/** What ffprobe says of the only stream of a file of ours, asked once. */
export function streamOf(file: string): Promise<Stream> {
  const stream = known.get(file) ?? askStream(file)
  known.set(file, stream)
  return stream
}

async function askStream(file: string): Promise<Stream> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_streams', '-of', 'json', file])
  const { streams } = JSON.parse(stdout) as { streams: Stream[] }
  if (streams.length !== 1 || streams[0] === undefined) throw new Error(`${streams.length} streams in ${file}`)
  return streams[0]
}
