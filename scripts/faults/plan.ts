import { type FaultPoint, faultPoints } from '../../core/fault-point.ts'
import { type Chance, chanceOf } from './chance.ts'
import type { MediaName } from './media.ts'
import { type Manner, manners } from './origin.ts'
import type { NetworkFault } from './proxy.ts'

/** What the house stands on in this run. */
export type Means = {
  queue: 'redis' | 'postgres'
  storage: 's3' | 'local'
  /** Whether media lies on a small file system of its own, which can be filled. */
  fillable: boolean
  /** At most so many are sent; those that are, are the same as without. */
  items?: number | undefined
}

export type Item = {
  /** Its name in the history, and in the metadata of its asset. */
  name: string
  atMs: number
  media: MediaName
  way: 'form' | 'tus' | 'chunks' | 'address'
  /** Which API hears of it first; tries take turns. */
  first: number
  /** With an Idempotency-Key or an external id it is sent until there is an answer; without, once. */
  key: 'idempotency' | 'external' | undefined
  /** How often the whole call is sent besides, at the same moment. */
  twins: number
  manner: Manner
  /** Where a client hangs up, as shares of what it has to send. */
  cuts: number[]
  deletedAfterMs: number | undefined
}

export type ServerName = 'postgres' | 'redis' | 's3'
export type Fault = { atMs: number; forMs: number } & (
  | { kind: 'kill'; role: 'api' | 'worker'; which: number }
  | { kind: 'kill all'; role: 'api' | 'worker' }
  | { kind: 'pause'; role: 'api' | 'worker'; which: number }
  | { kind: 'deploy'; role: 'api' | 'worker'; which: number }
  | { kind: 'kill point'; role: 'api' | 'worker'; which: number; point: FaultPoint; n: number }
  | { kind: 'kill ffmpeg' }
  | { kind: 'empty queue' }
  | { kind: 'queue restarts empty' }
  | { kind: 'postgres crashes' }
  | { kind: 'sessions end' }
  | { kind: 'jobs twice' }
  | { kind: 'disk full' }
  | { kind: 'store lies'; share: number; how: 'slow down' | 'error' | 'reset' | 'error in 200' | 'short' }
  | { kind: 'network'; server: ServerName; network: NetworkFault }
)

export type Outage = { server: ServerName; seconds: number }
export type SeedPlan = { seed: number; items: Item[]; faults: Fault[] }

/** What is sent and what is broken: all of it by the seed, so that a run can be run again. */
export function planSeed(seed: number, means: Means): SeedPlan {
  const chance = chanceOf(seed)
  const all = Array.from({ length: chance.between(6, 8) }, (_, n) => item(chance, `${seed}-${n}`, means))
  const items = all.slice(0, means.items)
  const faults = Array.from({ length: chance.between(1, 4) }, () => fault(chance, means))
  return { seed, items, faults: seed === 0 ? [] : faults.toSorted((a, b) => a.atMs - b.atMs) }
}

/** One server away for as long as somebody wants to know about. */
export function planOutage(seed: number, means: Means, { server, seconds }: Outage): SeedPlan {
  const when = { atMs: 1_000, forMs: seconds * 1_000 }
  const outage: Record<ServerName, Fault> = {
    postgres: { ...when, kind: 'postgres crashes' },
    redis: { ...when, kind: 'queue restarts empty' },
    s3: { ...when, kind: 'network', server: 's3', network: { kind: 'reset' } },
  }
  return { ...planSeed(seed, means), faults: [outage[server]] }
}

const small = ['picture.jpg', 'picture.png', 'picture.jpg', 'clip2.mp4', 'silent2.mp4', 'sound.mp3'] as const
const large = ['sound.wav', 'sound.wav', 'clip5.mp4'] as const

function item(chance: Chance, name: string, means: Means): Item {
  const way = chance.oneOf(['form', 'form', 'tus', 'tus', 'chunks', 'address', 'address'])
  const long = means.storage === 's3' && way !== 'form' && chance.often(0.1)
  const media = long ? 'long.wav' : way === 'chunks' || chance.often(0.15) ? chance.oneOf(large) : chance.oneOf(small)
  return {
    ...{ name, way, media },
    atMs: chance.between(0, 2_500),
    first: chance.between(0, 1),
    key: chance.oneOf(['idempotency', 'idempotency', 'external', undefined]),
    twins: chance.often(0.25) ? chance.between(1, 3) : 0,
    manner: chance.often(0.4) ? chance.oneOf(manners) : 'good',
    cuts: Array.from({ length: chance.between(0, 2) }, () => chance.between(5, 95) / 100),
    deletedAfterMs: chance.often(0.12) ? chance.between(100, 2_500) : undefined,
  }
}

const ofApi: readonly FaultPoint[] = faultPoints.filter((point) =>
  /^(asset|answer|chunk|last-byte|upload|multipart)-/.test(point),
)
/** Nothing is spooled in these runs. */
const neverPassed: readonly FaultPoint[] = ['object-home']
const ofWorker: readonly FaultPoint[] = faultPoints.filter((point) => ![...ofApi, ...neverPassed].includes(point))

function fault(chance: Chance, means: Means): Fault {
  const when = { atMs: chance.between(0, 3_000), forMs: chance.between(300, 2_500) }
  const place = { role: chance.oneOf(['api', 'worker', 'worker']), which: chance.between(0, 1) }
  const kinds: [() => Fault, ...(() => Fault)[]] = [
    () => ({ ...when, kind: 'kill', ...place }),
    () => ({ ...when, kind: 'kill', ...place }),
    () => ({ ...when, kind: 'kill all', role: place.role }),
    () => ({ ...when, kind: 'pause', ...place, forMs: chance.between(500, 5_000) }),
    () => ({ ...when, kind: 'deploy', ...place }),
    () => killPoint(chance, place),
    () => killPoint(chance, place),
    () => killPoint(chance, place),
    () => ({ ...when, kind: 'kill ffmpeg' }),
    () => ({ ...when, kind: 'empty queue' }),
    () => ({ ...when, kind: means.queue === 'redis' ? 'queue restarts empty' : 'empty queue' }),
    () => ({ ...when, kind: 'postgres crashes' }),
    () => ({ ...when, kind: 'sessions end' }),
    () => ({ ...when, kind: 'jobs twice' }),
    () => (means.fillable ? { ...when, kind: 'disk full' } : { ...when, kind: 'sessions end' }),
    () => network(chance, means, when),
    () => network(chance, means, when),
    () => network(chance, means, when),
    () => (means.storage === 's3' ? storeLies(chance, when) : network(chance, means, when)),
    () => (means.storage === 's3' ? storeLies(chance, when) : network(chance, means, when)),
  ]
  return chance.oneOf(kinds)()
}

type When = { atMs: number; forMs: number }

/** Set when its process starts, so it comes before all else. */
function killPoint(chance: Chance, place: { role: 'api' | 'worker'; which: number }): Fault {
  const points = place.role === 'api' ? ofApi : ofWorker
  const point = points[chance.between(0, points.length - 1)] ?? 'task-made'
  return { atMs: 0, forMs: 0, kind: 'kill point', ...place, point, n: chance.between(1, place.role === 'api' ? 2 : 4) }
}

function storeLies(chance: Chance, when: When): Fault {
  const how = chance.oneOf(['slow down', 'error', 'reset', 'error in 200', 'short'])
  return { ...when, kind: 'store lies', share: chance.oneOf([0.3, 0.6, 1]), how }
}

function network(chance: Chance, means: Means, when: When): Fault {
  const server = chance.oneOf<ServerName>([
    'postgres',
    ...(means.queue === 'redis' ? (['redis'] as const) : []),
    ...(means.storage === 's3' ? (['s3', 's3'] as const) : []),
  ])
  const networks: [NetworkFault, ...NetworkFault[]] = [
    { kind: 'delay', ms: chance.between(20, 150) },
    { kind: 'throttle', bytesPerSecond: chance.between(10_000, 100_000) },
    { kind: 'cut', after: chance.between(100, 60_000), how: 'close' },
    { kind: 'cut', after: chance.between(100, 60_000), how: 'reset' },
    { kind: 'cut', after: chance.between(100, 60_000), how: 'half-close' },
    { kind: 'black hole' },
    { kind: 'reset' },
  ]
  return { ...when, kind: 'network', server, network: chance.oneOf(networks) }
}

/** One word for a line of the report. */
export function nameOf(fault: Fault): string {
  if (fault.kind === 'network') return `${fault.network.kind} before ${fault.server}`
  if (fault.kind === 'kill point') return `${fault.role} dies at ${fault.point}:${fault.n}`
  if (fault.kind === 'store lies') return `store: ${fault.how}`
  return 'role' in fault ? `${fault.kind} ${fault.role}` : fault.kind
}
