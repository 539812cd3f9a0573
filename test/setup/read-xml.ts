export type XmlElement = {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  text: string
  /** Every descendant of this name. */
  all(name: string): XmlElement[]
}

const token = /<\?xml [^?<>]*\?>\n|<(\/?)([A-Za-z][\w:-]*)((?: [\w:]+="[^"<>]*")*)(\/?)>|[^<>]+/gy
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no room for them
const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/u
const loose = /&(?!(?:amp|lt|gt|quot|apos|#\d+);)/

/** A small, strict reader of XML: throws at whatever is not well-formed. */
export function readXml(text: string): XmlElement {
  if (!text.isWellFormed() || illegal.test(text) || loose.test(text))
    throw new Error('characters that XML does not take')
  const top = make('', '')
  const stack = [top]
  let at = 0
  for (const match of text.matchAll(token)) {
    const [whole, closing, name = '', attributes = '', empty] = match
    if (match.index !== at) break
    at += whole.length
    const open = stack.at(-1)
    if (name === '') {
      if (open && !whole.startsWith('<')) open.text += whole
    } else if (closing) {
      if (stack.pop()?.name !== name) throw new Error(`</${name}> closes nothing`)
    } else {
      const element = make(name, attributes)
      open?.children.push(element)
      if (!empty) stack.push(element)
    }
  }
  const [root] = top.children
  if (at !== text.length || stack.length !== 1 || top.children.length !== 1 || !root)
    throw new Error(`not well-formed near ${text.slice(at, at + 80)}`)
  return root
}

function make(name: string, attributes: string): XmlElement {
  const pairs = [...attributes.matchAll(/ ([\w:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, plain(value)])
  const children: XmlElement[] = []
  return {
    name,
    attributes: Object.fromEntries(pairs),
    children,
    text: '',
    all: (wanted) => children.flatMap((child) => [...(child.name === wanted ? [child] : []), ...child.all(wanted)]),
  }
}

const signs: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const plain = (value: string) =>
  value.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (signs[name] ?? ''),
  )
