import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { buckets } from '../../core/metrics/registry.ts'

export type HttpMeters = { http: { begun(request: FastifyRequest, reply: FastifyReply): void } }

/** What is told of requests: by the pattern of the route, never by an address that a caller chose. */
export function httpMeters(registry: Registry): HttpMeters {
  const registers = [registry]
  const durations = new Histogram({
    name: 'sluice_http_request_duration_seconds',
    help: 'From the headers of a request to the last byte of its answer; with the status "gone" to the moment in which its caller hung up.',
    labelNames: ['method', 'route', 'status'],
    buckets: buckets.answers,
    registers,
  })
  const open = new Set<() => void>()
  const { bytes, count } = byteMeters(registry, open)
  new Gauge({
    name: 'sluice_http_requests_in_progress',
    help: 'Requests that are being received or answered, event streams included.',
    registers,
    collect() {
      this.set(open.size)
    },
  })
  return {
    http: {
      begun(request, reply) {
        const { socket } = request.raw
        const route = request.routeOptions.url ?? 'none'
        const startedAt = performance.now()
        const look = () => count(route, bytes(socket))
        const end = () => {
          if (!open.delete(look)) return
          look()
          const status = reply.raw.writableEnded ? reply.statusCode : 'gone'
          durations.observe({ method: request.method, route, status }, (performance.now() - startedAt) / 1_000)
        }
        open.add(look)
        reply.raw.once('finish', end).once('close', end)
      },
    },
  }
}

type Passed = { received: number; sent: number }

/** A transfer may last for hours: what has passed so far is counted whenever somebody looks. */
function byteMeters(registry: Registry, open: ReadonlySet<() => void>) {
  const counter = (name: string, help: string) =>
    new Counter({
      name,
      help,
      labelNames: ['route'],
      registers: [registry],
      collect: () => {
        for (const look of open) look()
      },
    })
  const received = counter('sluice_http_received_bytes_total', 'Bytes that came in with requests, headers included.')
  const sent = counter('sluice_http_sent_bytes_total', 'Bytes that went out with answers, headers included.')
  const counted = new WeakMap<Socket, Passed>()
  return {
    /** What passed on a connection since it was asked last. Its requests come one after the other. */
    bytes(socket: Socket): Passed {
      const before = counted.get(socket) ?? { received: 0, sent: 0 }
      // A request that a test injects has no connection.
      const now = { received: socket.bytesRead || 0, sent: socket.bytesWritten || 0 }
      counted.set(socket, now)
      return { received: Math.max(0, now.received - before.received), sent: Math.max(0, now.sent - before.sent) }
    },
    count(route: string, passed: Passed) {
      received.inc({ route }, passed.received)
      sent.inc({ route }, passed.sent)
    },
  }
}
