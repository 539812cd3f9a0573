import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { listenLocally } from '../servers/listen.ts'
import { chanceOf } from './chance.ts'

/** What a store answers in place of the truth, and how often. */
export type StoreLie = { share: number; how: 'slow down' | 'error' | 'reset' | 'error in 200' | 'short' }

export type S3Front = { port: number; set(lie: StoreLie | undefined): void; close(): Promise<void> }

/** Stands before an S3 store, passes everything on as it came, and lies when it is told to. */
export async function s3Front({ endpoint, seed }: { endpoint: string; seed: number }): Promise<S3Front> {
  const { hostname, port: target } = new URL(endpoint)
  const chance = chanceOf(seed)
  let lie: StoreLie | undefined
  const server = createServer((asked, answer) => {
    const how = lie !== undefined && chance.often(lie.share) ? lie.how : undefined
    answer.on('error', () => answer.destroy())
    handle(asked, answer, how).catch(() => answer.destroy())
  })

  async function handle(asked: IncomingMessage, answer: ServerResponse, how: StoreLie['how'] | undefined) {
    if (how === 'slow down') return refuse(asked, answer, 503, 'SlowDown')
    if (how === 'error') return refuse(asked, answer, 500, 'InternalError')
    const { method, url, headers } = asked
    const onward = request({ hostname, port: target, method, path: url, headers, agent: false })
    const answered = new Promise<IncomingMessage>((resolve, reject) =>
      onward.on('response', resolve).on('error', reject),
    )
    answered.catch(() => undefined)
    await pipeline(asked, onward)
    const real = await answered
    // It was done, and nobody hears of it.
    if (how === 'reset') return void answer.socket?.resetAndDestroy()
    if (how === 'error in 200' && method === 'POST') {
      real.resume()
      answer.writeHead(200, { 'content-type': 'application/xml' })
      return void answer.end(errorXml('InternalError'))
    }
    answer.writeHead(real.statusCode ?? 502, real.headers)
    if (how !== 'short' || method !== 'GET') return pipeline(real, answer)
    for await (const chunk of real) {
      answer.write(chunk.subarray(0, chunk.length >> 1))
      break
    }
    answer.socket?.destroySoon()
  }

  const port = await listenLocally(server)
  return {
    port,
    set(next) {
      lie = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function refuse(asked: IncomingMessage, answer: ServerResponse, status: number, code: string): Promise<void> {
  asked.resume()
  answer.writeHead(status, { 'content-type': 'application/xml' }).end(errorXml(code))
}

const errorXml = (code: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>told to</Message></Error>`
