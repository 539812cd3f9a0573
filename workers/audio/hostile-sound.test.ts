import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sniff } from '../../core/media/sniff.ts'
import { openSoundBench } from '../../fixtures/sound-bench.ts'
import { makeSound } from '../../fixtures/sounds.ts'

let desk: Awaited<ReturnType<typeof openSoundBench>>
beforeAll(async () => {
  desk = await openSoundBench()
})
afterAll(() => desk.close())

const make = (file: string, source: string, ...args: string[]) => makeSound({ folder: desk.folder, file, source, args })
const patch = async (file: string, change: (bytes: Buffer) => void) => {
  const bytes = await readFile(file)
  change(bytes)
  await writeFile(file, bytes)
  return file
}

/** Files that are odd, and sound all the same: how long they really are. */
const odd: [string, number, () => Promise<string>][] = [
  ['silence', 2, () => make('silent.wav', 'anullsrc=r=48000:d=2')],
  ['two hundredths of a second', 0.02, () => make('short.wav', 'sine=r=48000:d=0.02')],
  ['a single sample', 1 / 48_000, () => make('one.wav', 'sine=r=48000', '-frames:a', '1', '-af', 'atrim=end_sample=1')],
  ['192 000 samples a second', 1, () => make('studio.flac', 'sine=r=192000:d=1')],
  ['64 channels', 1, () => make('desk.wav', `aevalsrc=${Array(64).fill('0.1*sin(2*PI*440*t)').join('|')}:s=48000:d=1`)],
  ['a size of 5 GB in its header', 1, () => claiming('huge.w64', 5_000_000_000n)],
  ['more hours in its header than are allowed', 1, () => claiming('hours.w64', 50_000_000_000n)],
  ['an end that is missing', 2, () => cutShort('cut.wav', 2 * 44_100 * 2 + 78)],
  ['garbage in front of MP3', 2, garbageInFront],
  ['three recordings in one Ogg', 6, chained],
]

async function claiming(name: string, size: bigint) {
  const file = await make(name, 'sine=r=48000:d=1')
  return patch(file, (bytes) => {
    bytes.writeBigUInt64LE(size, bytes.indexOf(Buffer.from('data\xf3\xac', 'latin1')) + 16)
  })
}
async function cutShort(name: string, bytes: number) {
  const file = await make(name, 'sine=d=10')
  await truncate(file, bytes)
  return file
}
async function garbageInFront() {
  const file = await make('plain.mp3', 'sine=d=2', '-id3v2_version', '0', '-write_xing', '0')
  const out = path.join(desk.folder, 'garbage.mp3')
  await writeFile(out, Buffer.concat([Buffer.alloc(3000, 'noise '), await readFile(file)]))
  return out
}
async function chained() {
  const file = await make('link.ogg', 'sine=d=2', '-c:a', 'libvorbis')
  const link = await readFile(file)
  await appendFile(file, Buffer.concat([link, link]))
  return file
}

test.each(odd)('a file with %s is made into one of its true length', async (_, seconds, file) => {
  const source = await file()
  expect(await sniff((await readFile(source)).subarray(0, 65_536))).toBeDefined()
  const { made, m4a } = await desk.encode(source)
  expect(Math.abs(made.seconds - seconds)).toBeLessThan(0.05)
  expect(Math.abs((m4a.duration ?? 0) - seconds)).toBeLessThan(0.05)
})

test('a header that claims a thousand hours in a file of seconds is refused once, before anything is decoded', async () => {
  const file = await make('claims.m4a', 'sine=r=48000:d=1', '-c:a', 'aac')
  await patch(file, (bytes) => {
    for (const box of ['mvhd', 'mdhd']) {
      const at = bytes.indexOf(box) + 4
      bytes.writeUInt32BE(3_600_000 * (box === 'mvhd' ? 1000 : 1), at + 16)
      if (box === 'mdhd') bytes.writeUInt32BE(1, at + 12)
    }
  })
  await expect(desk.encode(file)).rejects.toMatchObject({ code: 'too_long', fate: 'give_up' })
})

test('what turns out to be longer than allowed while it is decoded is not made', async () => {
  const file = await make('long.wav', 'sine=d=3')
  await expect(desk.encode(file, { maxSeconds: 2 })).rejects.toMatchObject({ code: 'too_long', fate: 'give_up' })
})

test.each([
  ['a header and nothing behind it', async () => cutShort('empty.wav', 78)],
  ['sound of which nothing can be decoded', async () => undecodable()],
])('%s is corrupt, and refused once', async (_, file) => {
  await expect(desk.encode(await file())).rejects.toMatchObject({ code: 'corrupt_media', fate: 'give_up' })
})

async function undecodable() {
  const file = await make('noise.m4a', 'sine=d=1', '-c:a', 'alac')
  return patch(file, (bytes) => bytes.fill(0xff, bytes.indexOf('mdat') + 4, bytes.indexOf('moov') - 4))
}
