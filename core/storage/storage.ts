import type { Readable } from 'node:stream'
import type { Growing } from './growing.ts'
import type { PartStore } from './parts.ts'

/** What is known of one stored object. `etag` is strong: it changes when the bytes do. */
export type StoredObject = { key: string; bytes: number; etag: string; contentType: string; modifiedAt: Date }

export type PutOptions = {
  contentType: string
  cacheControl: string
  /** Refuse with `too_large` as soon as more than this has come. */
  maxBytes?: number
  signal?: AbortSignal
}

export type PutResult = { key: string; bytes: number; sha256: string; etag: string }

/** Both ends included, as in HTTP; an end past the last byte means the last byte. */
export type ByteRange = { start: number; end: number }

export type ReadOptions = { range?: ByteRange; signal?: AbortSignal }

/** One object as it was found: what is known of it and what is read of it are the same bytes, even when its key is replaced meanwhile. */
export type OpenObject = StoredObject & {
  /** Takes over the object: it closes with the stream. Undefined where the store has let go of these bytes since; then open it anew. */
  read(options?: ReadOptions): Promise<Readable | undefined>
  close(): Promise<void>
}

/**
 * Where media lies. Both drivers pass the same contract suite.
 * Keys are ours alone (`core/storage/keys.ts`); a driver still refuses any key that would leave its root.
 * Prefixes are folders: `a/b` and `a/b/` mean the same, and never touch `a/bc`.
 * Every failure of the store itself is a SluiceError `storage_unavailable` or `no_space`; a missing object is `undefined` or `not_found`.
 * A failure of the body, and the reason of an aborted signal, come out as they went in.
 */
export type Storage = {
  readonly driver: 'local' | 's3'
  /** Streams bytes up, never holding more than a few parts in memory, and destroys the body whatever happens. Whole or absent: a half-written object is never seen. Verified before it returns. */
  put(key: string, body: Readable | Buffer, options: PutOptions): Promise<PutResult>
  /** Streams bytes down. Whoever calls consumes or destroys the stream. Throws `not_found`, or `range_not_satisfiable`. */
  get(key: string, options?: ReadOptions): Promise<Readable>
  head(key: string): Promise<StoredObject | undefined>
  /** Finds an object that is to be read, whole or in part. Whoever calls reads or closes it. */
  open(key: string): Promise<OpenObject | undefined>
  /** Where an object lies on a disk that this machine sees, to be read and nothing else; undefined for stores behind a network. */
  pathOf(key: string): string | undefined | Promise<string | undefined>
  /** A second key for the same bytes, without sending them through this process. */
  copy(from: string, to: string, options: { contentType: string; cacheControl: string }): Promise<PutResult['bytes']>
  /** One object from the bytes of several, in order. A piece that is missing is `not_found`, and nothing stays. */
  join(keys: string[], to: string, options: PutOptions): Promise<PutResult>
  /** Objects that grow by appends, durable after each, seen by nobody until they are sealed. */
  readonly growing: Growing
  /** Where the store takes parts from clients by itself. */
  readonly parts?: PartStore
  /** All objects under a prefix, in the byte order of their keys, a page at a time. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** Deleting what is not there is no error. */
  delete(keys: string[]): Promise<void>
  deletePrefix(prefix: string): Promise<number>
  /**
   * Removes what died with its process (temp files, open multipart uploads) and is older than this.
   * What grows may live longer: it is spared as long as its key is. Without `spare` nothing is.
   */
  sweep(options: { olderThanMs: number; spare?(key: string): boolean | Promise<boolean> }): Promise<number>
  /** An address that anybody may GET until it expires. */
  signedUrl(key: string, options: { expiresInSeconds: number }): Promise<string>
  /** The lasting public address of a published object. */
  publicUrl(key: string): string
  /**
   * Settles where all that a key's set will hold is to lie, for stores that have a choice: said once, by whoever writes
   * the set's first object, before it is written. Sources need no word: the first object itself settles it.
   */
  settle(key: string): Promise<void>
  /** Throws `no_space` where new bytes would not be taken for now, so that nobody begins to send them. */
  needRoom(): Promise<void>
  /** Writes, reads back and deletes one small object: throws when that does not work. */
  check(): Promise<void>
  close(): Promise<void>
}
