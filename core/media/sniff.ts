import { fileTypeFromBuffer } from 'file-type'
import { sniffSound } from './sniff-sound.ts'

export type Family = 'video' | 'audio' | 'image'
export type Sniffed = { mime: string; extension: string; family: Family }

/** What is accepted, by the name file-type gives it. What is not here is refused, whatever it is. */
const accepted: Record<string, Family> = {
  'video/mp4': 'video',
  'video/x-m4v': 'video',
  'video/quicktime': 'video',
  'video/3gpp': 'video',
  'video/3gpp2': 'video',
  'video/matroska': 'video',
  'video/webm': 'video',
  'video/vnd.avi': 'video',
  'video/mp2t': 'video',
  'video/MP1S': 'video',
  'video/MP2P': 'video',
  'video/mpeg': 'video',
  'video/x-flv': 'video',
  'video/ogg': 'video',
  'application/ogg': 'video',
  'application/vnd.ms-asf': 'video',
  'video/x-ms-asf': 'video',
  'audio/x-ms-asf': 'audio',
  'audio/mp4': 'audio',
  'audio/x-m4a': 'audio',
  'audio/mpeg': 'audio',
  'audio/aac': 'audio',
  'audio/amr': 'audio',
  'audio/ogg': 'audio',
  'audio/ogg; codecs=opus': 'audio',
  'audio/wav': 'audio',
  'audio/aiff': 'audio',
  'audio/x-caf': 'audio',
  'audio/flac': 'audio',
  'audio/vnd.dolby.dd-raw': 'audio',
  'image/jpeg': 'image',
  'image/png': 'image',
  'image/apng': 'image',
  'image/webp': 'image',
  'image/avif': 'image',
  'image/gif': 'image',
  'image/tiff': 'image',
  'image/heic': 'image',
  'image/heif': 'image',
  'image/heic-sequence': 'image',
  'image/heif-sequence': 'image',
}

/** Tells a file from its first bytes (4 KiB do). Undefined means: not accepted. The final kind comes from what the container holds. */
export async function sniff(head: Uint8Array): Promise<Sniffed | undefined> {
  const found = await fileTypeFromBuffer(head)
  const family = found && accepted[found.mime]
  if (!found || !family) return bareQuickTime(head) ?? sniffSound(head)
  const [mime = found.mime] = found.mime.toLowerCase().split(';')
  return { mime, extension: found.ext, family }
}

/** Old cameras write QuickTime without `ftyp`, with boxes that file-type does not look for. */
function bareQuickTime(head: Uint8Array): Sniffed | undefined {
  const name = Buffer.from(head.subarray(4, 8)).toString('latin1')
  const quickTime = ['moov', 'mdat', 'wide', 'skip', 'pnot'].includes(name)
  return quickTime ? { mime: 'video/quicktime', extension: 'mov', family: 'video' } : undefined
}

const soundNames: Record<string, Pick<Sniffed, 'mime' | 'extension'>> = {
  mp4: { mime: 'audio/mp4', extension: 'm4a' },
  m4v: { mime: 'audio/mp4', extension: 'm4a' },
  mov: { mime: 'audio/mp4', extension: 'm4a' },
  webm: { mime: 'audio/webm', extension: 'weba' },
  mkv: { mime: 'audio/matroska', extension: 'mka' },
  asf: { mime: 'audio/x-ms-wma', extension: 'wma' },
  '3gp': { mime: 'audio/3gpp', extension: '3gp' },
  '3g2': { mime: 'audio/3gpp2', extension: '3g2' },
}

/** What a container for pictures is called when only sound is in it. */
export const asSound = (sniffed: Sniffed): Sniffed => ({
  ...sniffed,
  ...(Object.hasOwn(soundNames, sniffed.extension) ? soundNames[sniffed.extension] : {}),
})
