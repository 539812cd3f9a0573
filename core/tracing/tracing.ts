import type { Config } from '../config.ts'
import type { Logger } from '../logger.ts'

export type Attributes = Record<string, string | number>

export type SpanOptions = {
  /** The W3C `traceparent` of what caused it; without one it begins a trace of its own. */
  parent?: string | undefined
  kind?: 'server' | 'consumer' | 'internal'
  attributes?: Attributes
  /** How long ago it began. */
  agoMs?: number
}

export type OpenSpan = {
  /** For whoever goes on elsewhere. */
  readonly traceparent: string | undefined
  /** Runs something as a part of it. */
  within<Result>(act: () => Result): Result
  /** `failed`: a stable code, never words of an error, which may hold anything. */
  end(options?: { failed?: string | undefined; attributes?: Attributes }): void
}

/** Where a process tells what it did, and as a part of what. */
export type Tracing = {
  begin(name: string, options?: SpanOptions): OpenSpan
  /** Tells of a step of whatever is under way; of nothing, where nothing that is told of is. */
  step<Result>(name: string, attributes: Attributes, act: () => Promise<Result>): Promise<Result>
  /** Sends what was not sent yet, for a second or two at most. */
  close(): Promise<void>
}

/** Tells nobody, and hands on where a caller's trace goes on. */
export const noTracing: Tracing = {
  begin: (_name, { parent } = {}) => ({ traceparent: parent, within: (act) => act(), end: () => undefined }),
  step: (_name, _attributes, act) => act(),
  close: async () => undefined,
}

/** As the settings say. What tells is loaded only where somebody listens. The caller closes it. */
export async function openTracing(options: { config: Config; part: 'api' | 'worker'; log: Logger }): Promise<Tracing> {
  const { config, part, log } = options
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return noTracing
  const { tellCollector } = await import('./otlp.ts')
  return tellCollector({ endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT, part, log })
}

const wellFormed = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** A `traceparent` that a stranger sent, where it is one. */
export function saneTraceparent(text: unknown): string | undefined {
  return typeof text === 'string' && wellFormed.test(text) ? text : undefined
}
