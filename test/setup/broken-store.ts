import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { openS3Storage } from '../../core/storage/s3.ts'
import { listenLocally } from '../../scripts/servers/listen.ts'
import { atEnd } from './at-end.ts'

export const xml = (response: ServerResponse, status: number, body: string) =>
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${body}`)

/** An S3 store that breaks in the way the test wants, and what it was asked. */
export async function brokenStore(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(
      `${request.method} ${request.url?.replace(/\?.*?(uploads|uploadId|partNumber|delete).*/, '?$1').replace(/\?x-id.*/, '')}`,
    )
    request.resume().on('end', () => answer(request, response))
  })
  const port = await listenLocally(server)
  const endpoint = `http://127.0.0.1:${port}`
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' }
  const storage = openS3Storage({ driver: 's3', bucket: 'b', region: 'r', endpoint, forcePathStyle: true, ...keys })
  atEnd(async () => {
    await storage.close()
    server.closeAllConnections()
    server.close()
  })
  return { storage, asked }
}
