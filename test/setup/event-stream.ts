import { onTestFinished } from 'vitest'

export type Heard = { id: string | undefined; event: string; data: { type: string; timestamp: string; data: never } }

/** Reads a stream of events as the standard says, and keeps what it heard. */
export async function listenTo(url: string, headers: Record<string, string> = {}) {
  const hangUp = new AbortController()
  onTestFinished(() => hangUp.abort())
  const answer = await fetch(url, { headers, signal: hangUp.signal })
  const heard: Heard[] = []
  const comments: string[] = []
  let lastId: string | undefined
  const over = read(answer, (block) => {
    const fields = new Map(
      block
        .split('\n')
        .filter((line) => !line.startsWith(':'))
        .map((line) => {
          const at = line.indexOf(': ')
          return [line.slice(0, at), line.slice(at + 2)]
        }),
    )
    comments.push(...block.split('\n').filter((line) => line.startsWith(':')))
    // With data or without, as browsers do.
    lastId = fields.get('id') ?? lastId
    const data = fields.get('data')
    if (data !== undefined)
      heard.push({ id: fields.get('id'), event: fields.get('event') ?? 'message', data: JSON.parse(data) })
  }).catch((error: unknown) => error)
  return { answer, heard, comments, over, lastId: () => lastId, hangUp: () => hangUp.abort() }
}

async function read(answer: Response, onBlock: (block: string) => void): Promise<void> {
  if (!answer.ok || answer.body === null) return
  let text = ''
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      onBlock(text.slice(0, end))
      text = text.slice(end + 2)
    }
  }
}
