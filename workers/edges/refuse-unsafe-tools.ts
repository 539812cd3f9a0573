import { SluiceError } from '../../core/errors.ts'
import { type Flaw, flawsOf } from './known-flaws.ts'
import { runChild } from './process.ts'
import { sharp } from './sharp-setup.ts'
import type { MediaTools } from './tools.ts'

type Tools = Pick<MediaTools, 'ffmpeg' | 'ffprobe' | 'version'>

/** No worker starts with decoders that are known to be broken, or with an ffmpeg that cannot be kept to our lists. */
export async function refuseUnsafeTools(
  { ffmpeg, ffprobe, version }: Tools,
  libraries = sharp.versions,
): Promise<void> {
  const found: [Flaw['program'], string | undefined][] = [
    ['ffmpeg', version],
    ['sharp', libraries.sharp],
    ['libvips', libraries.vips],
    ['libwebp', libraries.webp],
  ]
  const reasons = found.flatMap(([program, number]) =>
    number === undefined
      ? []
      : flawsOf(program, number).map((flaw) => `${program} ${number} has ${flaw.name}: ${flaw.what}`),
  )
  const refused = await Promise.all([ffmpeg, ffprobe].map(whyRefused))
  reasons.push(...refused.flat())
  if (reasons.length > 0)
    throw new SluiceError('tools_unsafe', { message: `${reasons.join('; ')}. Take a newer version (docs/security.md)` })
}

/** Shown, not read off its number: what is not on the list is not opened. */
async function whyRefused(tool: string): Promise<string[]> {
  const { stderrTail } = await runChild({
    argv: [tool, '-hide_banner', '-v', 'error', '-f', 'lavfi', '-format_whitelist', 'mov', '-i', 'anullsrc=d=0.01'],
    cwd: '/',
    wallMs: 20_000,
  })
  if (/not on whitelist/i.test(stderrTail)) return []
  return [`${tool} does not keep to -format_whitelist: it is too old, or no ffmpeg`]
}
