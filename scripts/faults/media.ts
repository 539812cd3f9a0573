import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Tiny on purpose: what is tried is what becomes of them, not how well they are made. */
const clip = (seconds: number, sound: boolean) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=192x108:r=12:d=${seconds}`],
  ...(sound ? ['-f', 'lavfi', '-i', `sine=f=440:r=44100:d=${seconds}`, '-c:a', 'aac', '-b:a', '48k'] : []),
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-shortest'],
]
const noise = (seconds: number, rate: number) => ['-f', 'lavfi', '-i', `anoisesrc=r=${rate}:d=${seconds}:a=0.1:seed=7`]

const recipes = {
  'picture.jpg': ['-f', 'lavfi', '-i', 'testsrc2=s=300x200', '-frames:v', '1'],
  'picture.png': ['-f', 'lavfi', '-i', 'mandelbrot=s=160x120', '-frames:v', '1'],
  'clip2.mp4': clip(2, true),
  'silent2.mp4': clip(2, false),
  'clip5.mp4': clip(5, true),
  'sound.mp3': [...noise(3, 22_050), '-b:a', '64k'],
  // Large enough to come in several chunks.
  'sound.wav': noise(8, 44_100),
  // Large enough for several parts at a store.
  'long.wav': noise(130, 48_000),
} satisfies Record<string, string[]>

export type MediaName = keyof typeof recipes
const mediaNames = Object.keys(recipes) as MediaName[]

export type Media = {
  /** The bytes of one kind, as nobody else has them: what was stored tells whose it is. */
  bytes(name: MediaName, own: string): Buffer<ArrayBuffer>
}

export async function makeMedia({ folder }: { folder: string }): Promise<Media> {
  await mkdir(folder, { recursive: true })
  const made = new Map<MediaName, Buffer>()
  for (const name of mediaNames) {
    const file = path.join(folder, name)
    const args = [...recipes[name], '-map_metadata', '-1', '-fflags', '+bitexact', file]
    await run('ffmpeg', ['-nostdin', '-hide_banner', '-v', 'error', '-y', ...args])
    made.set(name, await readFile(file))
  }
  return {
    bytes(name, own) {
      const common = made.get(name)
      if (common === undefined) throw new Error(`there is no ${name}`)
      return Buffer.concat([common, trailer(name, own)])
    },
  }
}

/** Decoders pass over it: a box of its own in an MP4, and what lies behind the end in all else. */
function trailer(name: MediaName, own: string): Buffer {
  const text = Buffer.from(own.padEnd(32, '.'))
  if (!name.endsWith('.mp4')) return text
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + text.length)
  head.write('free', 4)
  return Buffer.concat([head, text])
}

export const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** Profiles small enough that a clip takes a second. */
export async function writeProfiles(folder: string): Promise<string> {
  const file = path.join(folder, 'profiles.json')
  const tiny = {
    extends: 'fast',
    video: {
      ladder: [{ shortSide: 96, maxBitrate: 200_000 }],
      preset: 'ultrafast',
      segmentSeconds: 2,
      chunkSeconds: 4,
      firstChunkSegments: 1,
    },
    images: { widths: [64], formats: ['webp'], web: false },
    storyboard: false,
  }
  await writeFile(file, JSON.stringify({ tiny }))
  return file
}
