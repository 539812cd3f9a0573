import { isLoopback } from './config.ts'

/** `localhost`, an address of the loopback network, `[::1]`; with or without a port, and nothing that only looks like it. */
export function isOurOwnName(host: string): boolean {
  const [, v6, name = ''] = /^(?:\[([\d:a-f]+)\]|([\w.-]+))(?::\d{1,5})?$/i.exec(host) ?? []
  return isLoopback(v6 ?? name.toLowerCase())
}
