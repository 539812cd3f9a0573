/**
 * Gives memory back at once that nobody will look at again, neither we nor a write that is under way: it takes the
 * collector too long to notice how much such small objects hold. What shares its memory with others is left alone.
 */
export function freeMemory({ buffer, byteLength }: Uint8Array): void {
  if (byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0)
}
