import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { writeTexture } from './texture.ts'

const run = promisify(execFile)

type Films = {
  folder: string
  ffmpeg: string
  stop: AbortSignal
  reelSeconds?: number
  /** Default: every 2 s, and at cuts; when said, at no cut. */
  keyframeSeconds?: number
}

export type Film = {
  seconds: number
  /** Of the picture; 16:9. Default: 1080. */
  height?: number
}

const fps = 25

/**
 * Films that cost what real ones cost (1080p at CRF 23 comes to about 4 Mb/s): detail at every size, pans, turns, a cut
 * every 5 s, something that moves across, grain. One reel is filmed; longer ones are that reel again and again.
 */
export function filmMaker({ folder, ffmpeg, stop, reelSeconds = 60, keyframeSeconds }: Films) {
  const command = async (args: string[]) => {
    await run(ffmpeg, ['-nostdin', '-v', 'error', '-y', ...args], { signal: stop })
  }
  const once = async (file: string, make: () => Promise<unknown>) => {
    const there = await access(file).then(
      () => true,
      () => false,
    )
    if (!there) await make()
    return file
  }
  const reel = (height: number) =>
    once(`${folder}/reel-${height}-${reelSeconds}.mp4`, async () => {
      const textures = [
        { file: `${folder}/far.png`, seed: 7, width: 2880, height: 1620 },
        { file: `${folder}/near.png`, seed: 8, width: 640, height: 640 },
      ]
      for (const texture of textures) await once(texture.file, () => writeTexture(texture))
      const inputs = textures.flatMap(({ file }) => ['-framerate', String(fps), '-i', file])
      const every = keyframeSeconds ?? 2
      const rate = Math.round(8e6 * (height / 1080) ** 2)
      await command([
        ...inputs,
        ...['-filter_complex', scenes(height), '-map', '[v]', '-t', String(reelSeconds), '-c:v', 'libx264'],
        ...['-preset', 'superfast', '-crf', '20', '-maxrate', String(rate), '-bufsize', String(2 * rate)],
        ...['-g', String(every * fps), '-force_key_frames', `expr:gte(t,n_forced*${every})`, '-pix_fmt', 'yuv420p'],
        ...(keyframeSeconds === undefined ? [] : ['-sc_threshold', '0']),
        `${folder}/reel-${height}-${reelSeconds}.mp4`,
      ])
    })
  const sound = () =>
    once(`${folder}/sound-${reelSeconds}.m4a`, () =>
      command([
        ...['-f', 'lavfi', '-i', 'anoisesrc=c=pink:a=0.3:r=48000:seed=3', '-t', String(reelSeconds)],
        ...['-c:a', 'aac', '-b:a', '128k', '-ac', '2', `${folder}/sound-${reelSeconds}.m4a`],
      ]),
    )
  return {
    /** The path of a film of this length; made at the first call. */
    film({ seconds, height = 1080 }: Film): Promise<string> {
      const file = `${folder}/film-${height}-${seconds}-${reelSeconds}.mp4`
      return once(file, async () => {
        // Each loops by its own length, so that neither leaves a gap in the other.
        const inputs = [await reel(height), await sound()].flatMap((input) => ['-stream_loop', '-1', '-i', input])
        const length = ['-frames:v', String(seconds * fps), '-t', String(seconds)]
        await command([...inputs, '-map', '0:v', '-map', '1:a', '-c', 'copy', ...length, file])
      })
    },
  }
}

/** Two still textures become 25 moving pictures a second. */
function scenes(height: number): string {
  const scene = 'floor(t/5)'
  const at = (side: string, step: number, speed: number) =>
    `(i${side}-o${side})*(mod(${scene}*${step},100)/100*0.5+${speed}*mod(t,5))`
  const still = `format=yuv420p,loop=-1:1:0,setpts=N/${fps}/TB`
  return [
    `[0:v]${still},crop=2304:1296:x='${at('w', 37, 0.1)}':y='${at('h', 61, 0.06)}',rotate=a='0.04*sin(t*0.7)':ow=1920:oh=1080,noise=alls=6:allf=t[far]`,
    `[1:v]${still},rotate=a='0.3*t':ow=480:oh=480[near]`,
    `[far][near]overlay=x='700+500*sin(t*0.9)':y='300+250*cos(t*1.3)',scale=-2:${height}[v]`,
  ].join(';')
}
