import type { ReadersMachine } from './readers-machine.ts'

/** What a page's reader would put in the place of its `ID`, `sl_…` and `whsec_…`: what the last answer showed. */
export type Seen = { id: string; key: string; secret: string; batch: string }

/** The text as its reader would type it here. */
export function standIns(text: string, machine: ReadersMachine, seen: Seen): string {
  const { house, keyedUrl, origin, folder, env } = machine
  const bearsKey = /Bearer sl_…|key: 'sl_…'|SLUICE_KEY=sl_…/.test(text)
  return text
    .replace(/http:\/\/127\.0\.0\.1:3000|https:\/\/media\.example\.com/g, bearsKey ? keyedUrl : house.url)
    .replace(/https:\/\/example\.com(?=\/\w+\.jpg)/g, origin)
    .replace(/https:\/\/shop\.example\.com/g, origin)
    .replace(/127\.0\.0\.1:4000/g, `127.0.0.1:${env['PORT']}`)
    .replace(/sl_…/g, seen.key)
    .replace(/whsec_…/g, seen.secret)
    .replace(/\bBATCH\b/g, seen.batch)
    .replace(/(?<![\w$={])ID(?![\w=])|01996f3e-7c1a-7d43-9c55-2f1f6f0d7a11/g, seen.id)
    .replace(/\/srv\/photos/g, `${folder}/photos`)
    .replace(/\/etc\/bash_completion\.d/g, folder)
    .replace('seq 200', 'seq 4')
    .replace('100p', '2p')
}

/** Takes note of what an answer shows, as a reader does. */
export function look(out: string, machine: ReadersMachine, seen: Seen): void {
  const last = (pattern: RegExp, before: string) => [...out.matchAll(pattern)].at(-1)?.slice(1).find(Boolean) ?? before
  seen.key = last(/(?:^|")(sl_[\w-]+)/gm, seen.key)
  if (/^Revoked /m.test(out)) seen.key = machine.key
  seen.secret = last(/"(whsec_[^"]+)"/g, seen.secret)
  seen.batch = last(/"batch":\s*"([0-9a-f-]{36})"/g, seen.batch)
  // Of an asset, an upload, or the key of the page of access.
  if (!out.includes('whsec_')) seen.id = last(/^(?:\{"id":"([0-9a-f-]{36})"|([0-9a-f-]{36}) +acme +shop )/gm, seen.id)
}
