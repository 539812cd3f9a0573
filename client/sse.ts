/** One message of an event stream. */
export type Message = { id: string | undefined; event: string; data: string }
/** `id`: where to go on if the line breaks now. */
type Piece = { id?: string; message?: Message; retryMs?: number }

/** Reads text/event-stream; comments come out as empty pieces, which say that the line is alive. */
export async function* readMessages(body: ReadableStream<Uint8Array>): AsyncGenerator<Piece, void, undefined> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  let fields: { id?: string; event?: string; data: string[] } = { data: [] }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const [name, text] = fieldOf(line)
        if (line === '') {
          const { id, event = 'message', data } = fields
          const place = id === undefined ? {} : { id }
          if (data.length > 0) yield { ...place, message: { id, event, data: data.join('\n') } }
          else if (id !== undefined) yield place
          fields = { data: [] }
        } else if (name === 'data') fields.data.push(text)
        else if (name === 'id') fields.id = text
        else if (name === 'event') fields.event = text
        else if (name === 'retry' && /^\d+$/.test(text)) yield { retryMs: Number(text) }
        else yield {}
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

function fieldOf(line: string): [string, string] {
  const at = line.indexOf(':')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')]
}
