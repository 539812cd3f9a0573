/** What can be uploaded: in a browser what an input gives; in Node a path, bytes, a Blob or a stream too. */
export type Uploadable = Blob | Uint8Array | string | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

type Slice = { value: unknown; done: boolean }
/** As tus-js-client wants it. */
type Source = { size: number | null; slice(start: number, end: number): Promise<Slice>; close(): void }

type NodeFs = { openAsBlob(path: string): Promise<Blob> }
type NodeProcess = { getBuiltinModule?(name: string): unknown }

const node = () => (globalThis as { process?: NodeProcess }).process

/** A path becomes a Blob that reads its file when it is read. Asked for in a way that no bundler for browsers stumbles over. */
export async function blobOf(file: Blob | Uint8Array | string): Promise<Blob> {
  if (file instanceof Blob) return file
  if (typeof file !== 'string') return new Blob([file as Uint8Array<ArrayBuffer>])
  const fs = node()?.getBuiltinModule?.('node:fs') as NodeFs | undefined
  if (fs === undefined) throw new TypeError('paths can be uploaded from Node 20.16 or 22.3 on; give a Blob')
  return fs.openAsBlob(file)
}

export const isStream = (file: Uploadable): file is AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> =>
  typeof file !== 'string' && !(file instanceof Blob) && !(file instanceof Uint8Array)

/** The name of a file, where what is given has one. */
export function nameOf(file: Uploadable): string | undefined {
  if (typeof file === 'string') return file.split(/[/\\]/).at(-1)
  return file instanceof Blob && 'name' in file && typeof file.name === 'string' ? file.name : undefined
}

/** Where requests are sent by XMLHttpRequest, which takes a Blob as it is. */
export const isBrowser = () => 'XMLHttpRequest' in globalThis

/** Browsers send a slice as it is, from disk. Node's sender wants bytes, so there no more than a piece is held. */
export function blobSource(blob: Blob): Source {
  return {
    size: blob.size,
    async slice(start, end) {
      const slice = blob.slice(start, end)
      return { value: isBrowser() ? slice : sized(new Uint8Array(await slice.arrayBuffer())), done: end >= blob.size }
    },
    close: () => undefined,
  }
}

/** A stream is read once, so what was read last is held until the server has it; it goes on, and never far back. */
export function streamSource(stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>): Source {
  const pieces = readsOf(stream)
  let [held, from, ended] = [new Uint8Array(), 0, false]
  return {
    size: null,
    async slice(start, end) {
      if (start < from) throw new Error('the stream is past what the server lacks; give a file to be able to go back')
      held = held.subarray(start - from)
      from = start
      while (held.length < end - start && !ended) {
        const { done, value } = await pieces.next()
        if (done) ended = true
        else held = joined(held, value)
      }
      const value = held.subarray(0, end - start)
      const done = ended && held.length <= end - start
      return { value: value.length === 0 ? null : sized(value), done }
    },
    close: () => undefined,
  }
}

function readsOf(stream: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>) {
  if (!('getReader' in stream)) return stream[Symbol.asyncIterator]()
  const reader = stream.getReader()
  return { next: () => reader.read() as Promise<IteratorResult<Uint8Array, undefined>> }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

/** tus-js-client asks for `size`, whatever it is given. */
const sized = (bytes: Uint8Array) => Object.assign(bytes, { size: bytes.length })
