/** The file's name as its origin tells it: Content-Disposition, else the last part of the path. It is text for people, never a path. */
export function filenameOf(options: { disposition: string | undefined; url: URL }): string | undefined {
  const { disposition = '', url } = options
  const said = parametersOf(disposition)
  const [, extended] = /^UTF-8'[^']*'(.+)$/i.exec(said.get('filename*') ?? '') ?? []
  const named =
    decoded(extended) ?? asUtf8(said.get('filename') || undefined) ?? decoded(url.pathname.split('/').at(-1))
  return cleanFilename(named)
}

/** `; name=value` and `; name="value"`, one after the other, so that nothing within quotes is taken for another. The first of a name counts. */
function parametersOf(disposition: string): Map<string, string> {
  const found = new Map<string, string>()
  const parameter = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g
  for (const [, name = '', quoted, token = ''] of `;${disposition}`.matchAll(parameter)) {
    const key = name.toLowerCase()
    if (!found.has(key)) found.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token)
  }
  return found
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Headers come as Latin-1; most who write other letters into one write UTF-8. What is not, stands as it came. */
function asUtf8(text: string | undefined): string | undefined {
  if (text === undefined || /[^\p{ASCII}\u0080-\u00ff]/u.test(text)) return text
  try {
    return utf8.decode(Buffer.from(text, 'latin1'))
  } catch (error) {
    if (error instanceof TypeError) return text
    throw error
  }
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // Not percent-encoded UTF-8: then it stands for itself.
    if (error instanceof URIError) return text
    throw error
  }
}

/** A name for people to read: no path, no control or invisible characters, of bounded length. */
export function cleanFilename(name: string | undefined): string | undefined {
  const base = name
    ?.split(/[/\\]/)
    .at(-1)
    ?.replace(/\p{Control}|\p{Format}/gu, '')
    .toWellFormed()
    .trim()
    .slice(0, 255)
    // A letter of two halves is not cut between them.
    .replace(/\p{Surrogate}$/u, '')
    .trim()
  return base || undefined
}
