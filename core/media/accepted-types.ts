import type { AssetKind } from '../asset.ts'
import { SluiceError } from '../errors.ts'

/** `video/*`, `image/png`: what an upload token may be bound to. */
export const acceptPattern = /^[a-z]+\/(\*|[a-z0-9][a-z0-9.+-]{0,80})$/

/** Names that browsers and old programs give to types of one kind; left the usual name, right ours. */
const sameAs: Record<string, string> = {
  'video/x-matroska': 'video/matroska',
  'video/avi': 'video/vnd.avi',
  'video/x-msvideo': 'video/vnd.avi',
  'video/x-m4v': 'video/mp4',
  'video/x-ms-wmv': 'video/x-ms-asf',
  'application/vnd.ms-asf': 'video/x-ms-asf',
  'application/ogg': 'video/ogg',
  'audio/mp3': 'audio/mpeg',
  'audio/x-m4a': 'audio/mp4',
  'audio/m4a': 'audio/mp4',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/x-aiff': 'audio/aiff',
  'audio/x-aac': 'audio/aac',
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/apng': 'image/png',
}

const usual = (mime: string) => {
  const bare = mime.toLowerCase().split(';', 1)[0]?.trim() ?? ''
  return Object.hasOwn(sameAs, bare) ? sameAs[bare] : bare
}

/** Whether a type is among those that are accepted. `kind` is what the file turned out to be, whatever its container is called. */
export function isAcceptedType(accept: readonly string[], { mime, kind }: { mime: string; kind?: AssetKind }): boolean {
  const type = usual(mime)
  const families = [type?.split('/', 1)[0], kind]
  return accept.some((one) => (one.endsWith('/*') ? families.includes(one.slice(0, -2)) : usual(one) === type))
}

/** A type that a client names beforehand and that says something. */
export const saysSomething = (mime: string | undefined): mime is string =>
  mime !== undefined && /^(video|audio|image|text)\/[\w.+-]+/.test(mime)

export function typeNotAccepted(type: string, accept: readonly string[]): SluiceError {
  const message = `It is ${type}; only ${accept.join(', ')} may be sent here.`
  return new SluiceError('type_not_accepted', { message, publicMessage: message })
}
