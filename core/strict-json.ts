/** Deeper than anything that we take; what is stored later is walked by others too. */
const mostDeep = 32
const mostNames = 10_000

/** Says why a text is no JSON that we take. */
export class StrangeJson extends Error {
  override readonly name = 'StrangeJson'
  /** Where in it, where it is well-formed and only a text in it is strange. */
  readonly path: string | undefined
  constructor(message: string, path?: string) {
    super(message)
    this.path = path
  }
}

/**
 * JSON as every parser reads it: UTF-8, no name twice in one object, nothing that would reach into prototypes, no text that
 * Postgres cannot keep, of bounded depth. What parsers read differently, one of them reads wrongly.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decode(bytes)
  const value = parse(text)
  refuseTwins(text)
  refuseStrangeText(value)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) throw new StrangeJson('It is not UTF-8.')
    throw error
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) throw new StrangeJson('It is not well-formed JSON.')
    throw error
  }
}

/** Walks well-formed JSON from brace to brace: the names of each open object, undefined for an array. */
function refuseTwins(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let names = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]
    if (char === '{' || char === '[') open.push(char === '{' ? new Set() : undefined)
    else if (char === '}' || char === ']') open.pop()
    else if (char === '"') {
      const end = endOfText(text, at)
      if (isName(text, end)) {
        names += 1
        addName(open.at(-1), text.slice(at, end))
      }
      at = end - 1
    }
    if (open.length > mostDeep) throw new StrangeJson(`It is nested deeper than ${mostDeep} levels.`)
    if (names > mostNames) throw new StrangeJson(`It has more than ${mostNames} names.`)
  }
}

/** Past the closing quote of the text that begins here: the first quote with an even number of backslashes before it. */
function endOfText(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes += 1
    if (slashes % 2 === 0) return end + 1
  }
}

/** In well-formed JSON a colon follows names and nothing else. */
function isName(text: string, end: number): boolean {
  let at = end
  while (/\s/.test(text[at] ?? '')) at += 1
  return text[at] === ':'
}

function addName(names: Set<string> | undefined, raw: string): void {
  const name = raw.includes('\\') ? String(JSON.parse(raw)) : raw.slice(1, -1)
  if (names?.has(name))
    throw new StrangeJson(`The name ${JSON.stringify(name.slice(0, 60))} comes twice in one object.`)
  names?.add(name)
}

function refuseStrangeText(value: unknown, path = ''): void {
  if (typeof value === 'string') refuseUnkeepable(value, path)
  else if (Array.isArray(value)) for (const item of value) refuseStrangeText(item, path)
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) {
      refuseUnkeepable(name, path)
      refusePrototype(name, inner)
      refuseStrangeText(inner, path === '' ? name : `${path}.${name}`)
    }
}

function refusePrototype(name: string, inner: unknown): void {
  const hasPrototype = typeof inner === 'object' && inner !== null && Object.hasOwn(inner, 'prototype')
  if (name === '__proto__' || (name === 'constructor' && hasPrototype))
    throw new StrangeJson(`The name "${name}" is not allowed.`)
}

function refuseUnkeepable(text: string, path: string): void {
  if (text.includes('\0')) throw new StrangeJson('holds the character NUL', path || 'body')
  if (!text.isWellFormed()) throw new StrangeJson('holds half of a surrogate pair', path || 'body')
}
