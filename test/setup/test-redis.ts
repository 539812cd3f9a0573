import { inject } from 'vitest'

/** The Redis of the run, and of its 16 databases the one that no other file uses meanwhile: files run side by side. */
export function testRedis(): string {
  const url = new URL(inject('redis').url)
  url.pathname = `/${Number(process.env['VITEST_POOL_ID'] ?? 0) % 16}`
  return url.href
}
