type Attributes = Record<string, string | number | undefined>

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** Text as XML 1.0 takes it, in attributes and between tags: what it cannot hold at all is left out. */
function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? '')
    .replace(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** One element; `children` are elements already, each on a line of its own. An attribute that is undefined is left out. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const head = open(name, attributes)
  return children.length === 0 ? `<${head}/>` : `<${head}>\n${children.join('\n')}\n</${name}>`
}

/** One element that holds words. */
export const textElement = (name: string, text: string): string => `<${name}>${escapeXml(text)}</${name}>`

function open(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${escapeXml(String(value))}"`],
  )
  return name + written.join('')
}
