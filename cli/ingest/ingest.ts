import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Asset, Sluice } from '../../client/index.ts'
import type { AssetKind, Priority, Visibility } from '../../core/asset.ts'
import { listenForStop } from '../../core/stop-signal.ts'
import type { Where } from '../options.ts'
import { openProgress } from '../progress.ts'
import { note, printJson, short } from '../terminal.ts'
import { findApi } from './find-api.ts'
import { sendFile } from './send-file.ts'

type Options = Where & {
  source: string
  wait?: boolean
  filename?: string
  profile?: string
  kind?: AssetKind
  externalId?: string
  priority?: Priority
  visibility?: Visibility
  url?: string
  key?: string
}

/** Sends one thing over the API; its exit code. */
export async function ingest(options: Options): Promise<number> {
  const { stop, release } = listenForStop()
  try {
    const api = await findApi(options)
    const client = new Sluice(api)
    const isAddress = /^https?:\/\//i.test(options.source)
    const sent = isAddress ? await sendAddress(client, options) : await sendBytes(client, api, options, stop)
    const asset = options.wait ? await untilEnded(client, sent, { quiet: options.json === true, stop }) : sent
    if (options.json) printJson(asset)
    else say(asset)
    return asset.status === 'failed' || asset.status === 'cancelled' ? 1 : 0
  } finally {
    release()
  }
}

function sendAddress(client: Sluice, { source, profile, kind, externalId, priority, visibility }: Options) {
  const wishes = { profile, kind, externalId, priority, visibility }
  const said = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined))
  return client.createAsset({ source: { url: source }, ...said })
}

type Api = Awaited<ReturnType<typeof findApi>>

async function sendBytes(client: Sluice, api: Api, options: Options, stop: AbortSignal): Promise<Asset> {
  const { source, profile, kind, externalId, priority, visibility, json } = options
  const filename = options.filename ?? (source === '-' ? undefined : path.basename(source))
  const wishes = { filename, profile, kind, externalId, priority, visibility }
  const metadata = Object.fromEntries(
    Object.entries(wishes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
  return client.asset(await sendFile({ source, ...api, metadata, quiet: json === true, stop }))
}

const ended: ReadonlySet<Asset['status']> = new Set(['ready', 'failed', 'cancelled'])

async function untilEnded(client: Sluice, sent: Asset, { quiet, stop }: { quiet: boolean; stop: AbortSignal }) {
  const progress = openProgress({ quiet })
  let asset = sent
  try {
    while (!ended.has(asset.status)) {
      if (stop.aborted) throw new Error(`no longer waiting; asset ${asset.id} goes on without us`)
      progress.show({ done: asset.progress, total: 1, said: asset.playable ? `${asset.status}, plays` : asset.status })
      await pause(300, undefined, { signal: stop }).catch(() => undefined)
      asset = await client.asset(sent.id)
    }
    progress.show({ done: asset.progress, total: 1, said: asset.status })
    return asset
  } finally {
    progress.end()
  }
}

function say(asset: Asset): void {
  console.log(asset.id)
  if (asset.error) note(`${asset.status}: ${asset.error.code}, ${short(asset.error.message, 200)}`)
  const address = asset.playback?.hls ?? asset.audio?.url ?? asset.images[0]?.url ?? asset.playback?.original
  if (address !== undefined) note(address)
}
