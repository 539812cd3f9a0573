import type { StoredObject } from './storage.ts'

/** Two listings as one, in the byte order of keys. What both hold is named once. */
export async function* mergeListings(
  a: AsyncIterable<StoredObject>,
  b: AsyncIterable<StoredObject>,
): AsyncGenerator<StoredObject> {
  const [left, right] = [a[Symbol.asyncIterator](), b[Symbol.asyncIterator]()]
  try {
    let [one, other] = [await left.next(), await right.next()]
    while (!one.done || !other.done) {
      const order = one.done ? 1 : other.done ? -1 : byKey(one.value, other.value)
      const next = order <= 0 ? one : other
      if (!next.done) yield next.value
      if (order <= 0) one = await left.next()
      if (order >= 0) other = await right.next()
    }
  } finally {
    await left.return?.()
    await right.return?.()
  }
}

const byKey = (a: StoredObject, b: StoredObject) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))
