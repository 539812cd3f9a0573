import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** For @fastify/cors, which reads it and does not say so. */
    cors?: false | { preflight: boolean }
  }
}

/** What scripts of other origins may read besides the body. */
const exposedHeaders = [
  ...['Asset-Existed', 'Asset-Id', 'ETag', 'Idempotent-Replayed', 'Location', 'Retry-After', 'X-Request-Id'],
  ...['RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset'],
  ...['Tus-Resumable', 'Tus-Version', 'Tus-Extension', 'Tus-Max-Size', 'Tus-Checksum-Algorithm'],
  ...['Upload-Offset', 'Upload-Length', 'Upload-Defer-Length', 'Upload-Metadata', 'Upload-Expires', 'Upload-Concat'],
]

/** What they may send. */
export const allowedHeaders = [
  ...['Authorization', 'Content-Type', 'Content-Digest', 'Idempotency-Key', 'Last-Event-ID', 'Prefer', 'X-Request-Id'],
  ...['Tus-Resumable', 'Upload-Offset', 'Upload-Length', 'Upload-Defer-Length', 'Upload-Metadata', 'Upload-Concat'],
  ...['Upload-Checksum', 'X-HTTP-Method-Override', 'X-Requested-With'],
]

/**
 * Pages of the listed origins may call, with a key that they bring themselves: nothing that a browser keeps is ever sent along.
 * Media is open to every page by rules of its own, and tus answers its own preflights. To be called before any route is made.
 */
export async function letOriginsIn(app: FastifyInstance, origins: readonly string[]): Promise<void> {
  app.addHook('onRoute', (route) => {
    if (route.url.startsWith('/media/')) route.config = { ...route.config, cors: false }
    if (route.url.startsWith('/v1/tus')) route.config = { ...route.config, cors: { preflight: false } }
  })
  await app.register(cors, {
    origin: origins.includes('*') ? '*' : origins.length > 0 && [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders,
    exposedHeaders,
    credentials: false,
    maxAge: 86_400,
    strictPreflight: false,
  })
}
