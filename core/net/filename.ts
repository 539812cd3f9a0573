/** The file's name as its origin tells it: Content-Disposition, else the last part of the path. It is text for people, never a path. */
export function filenameOf(options: { disposition: string | undefined; url: URL }): string | undefined {
  const { disposition = '', url } = options
  const [, extended] = /filename\*\s*=\s*UTF-8''([^;\s]+)/i.exec(disposition) ?? []
  const [, quoted, token] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? []
  const named = decoded(extended) ?? quoted?.replace(/\\(.)/g, '$1') ?? token ?? decoded(url.pathname.split('/').at(-1))
  return cleanFilename(named)
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
  return base || undefined
}
