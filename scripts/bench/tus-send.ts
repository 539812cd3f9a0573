import { Agent, type IncomingMessage, request } from 'node:http'

const piece = Buffer.alloc(256 * 1024, 'not quite a film ')

type Sending = { endpoint: string; bytes: number /** In one request each. */; stepBytes: number; stop: AbortSignal }

/** Uploads so many bytes over tus from memory, so that the client costs as little as it can, and says how long it took. */
export async function sendOverTus({
  endpoint,
  bytes,
  stepBytes,
  stop,
}: Sending): Promise<{ id: string; seconds: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const startedAt = performance.now()
  try {
    const made = await ask({
      agent,
      url: endpoint,
      method: 'POST',
      headers: { 'upload-length': bytes },
      stop,
      wanted: 201,
    })
    const url = new URL(made.headers.location ?? '', endpoint).href
    for (let offset = 0; offset < bytes; offset += stepBytes) {
      const length = Math.min(stepBytes, bytes - offset)
      const headers = {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': offset,
        'content-length': length,
      }
      await ask({ agent, url, method: 'PATCH', headers, length, stop, wanted: 204 })
    }
    return { id: url.split('/').at(-1) ?? '', seconds: (performance.now() - startedAt) / 1_000 }
  } finally {
    agent.destroy()
  }
}

type Asking = {
  agent: Agent
  url: string
  method: string
  headers: Record<string, string | number>
  length?: number
  stop: AbortSignal
  wanted: number
}

function ask({ agent, url, method, headers, length = 0, stop, wanted }: Asking): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, agent, headers: { 'tus-resumable': '1.0.0', ...headers }, signal: stop }
    const asking = request(url, options, (answer) => {
      answer.resume()
      answer.once('end', () => {
        if (answer.statusCode === wanted) resolve(answer)
        else reject(new Error(`${method} answered ${answer.statusCode}`))
      })
    })
    asking.on('error', reject)
    let left = length
    const more = () => {
      while (left > 0) {
        const next = piece.subarray(0, Math.min(left, piece.byteLength))
        left -= next.byteLength
        if (!asking.write(next)) return asking.once('drain', more)
      }
      return asking.end()
    }
    more()
  })
}
