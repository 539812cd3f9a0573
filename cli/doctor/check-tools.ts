import { environment } from '../../core/config.ts'
import { runChild } from '../../workers/edges/process.ts'
import { refuseUnsafeTools } from '../../workers/edges/refuse-unsafe-tools.ts'
import { missingFrom } from '../../workers/edges/sandbox.ts'
import { findTools } from '../../workers/edges/tools.ts'
import { type Finding, messageOf } from './finding.ts'

/** What the argument lists ask of ffmpeg. */
const encoders = ['libx264', 'aac', 'mjpeg', 'png']

export async function checkTools(): Promise<Finding[]> {
  const { FFMPEG_PATH: ffmpegPath, FFPROBE_PATH: ffprobePath, PATH: searchPath } = environment()
  try {
    const tools = await findTools({
      ffmpegPath: ffmpegPath || undefined,
      ffprobePath: ffprobePath || undefined,
      searchPath,
    })
    const found: Finding[] = [{ what: 'ffmpeg', is: 'good', says: `${tools.version}, ${tools.ffmpeg}` }]
    found.push(await safety(tools), await encodersOf(tools.ffmpeg))
    const missing = missingFrom(tools.sandbox)
    if (missing.length === 0) found.push({ what: 'sandbox', is: 'good', says: 'decoders run in rooms of their own' })
    else
      found.push({
        ...{ what: 'sandbox', is: 'doubtful' as const, says: `decoders run without ${missing.join(', ')}` },
        remedy: 'install bubblewrap and util-linux, and let this user make namespaces; docs/security.md says more',
      })
    return found
  } catch (error) {
    return [{ what: 'ffmpeg', is: 'bad', says: messageOf(error), remedy: 'apt install ffmpeg, or brew install ffmpeg' }]
  }
}

async function safety(tools: Parameters<typeof refuseUnsafeTools>[0]): Promise<Finding> {
  try {
    await refuseUnsafeTools(tools)
    return { what: 'decoders', is: 'good', says: 'no known flaw that matters here' }
  } catch (error) {
    return { what: 'decoders', is: 'bad', says: messageOf(error), remedy: 'install the version that it names' }
  }
}

async function encodersOf(ffmpeg: string): Promise<Finding> {
  const argv = [ffmpeg, '-hide_banner', '-encoders']
  const { stdout } = await runChild({ argv, cwd: '/', wallMs: 20_000, maxOutputBytes: 2 ** 20 })
  const there = new Set([...stdout.toString('utf8').matchAll(/^ [A-Z.]{6} (\S+)/gm)].map(([, name]) => name))
  const missing = encoders.filter((name) => !there.has(name))
  if (missing.length === 0) return { what: 'encoders', is: 'good', says: encoders.join(', ') }
  const remedy = 'install an ffmpeg that was built with them, such as the distribution’s'
  return { what: 'encoders', is: 'bad', says: `${missing.join(', ')} missing`, remedy }
}
