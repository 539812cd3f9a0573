/** The last bytes of a stream, however long it was. */
export type Tail = { push(bytes: Buffer): void; text(): string }

export function tailOf(max: number): Tail {
  let kept: Buffer = Buffer.alloc(0)
  return {
    push(bytes) {
      kept = Buffer.concat([kept, bytes.subarray(-max)]).subarray(-max)
    },
    text: () => kept.toString('utf8').trim(),
  }
}
