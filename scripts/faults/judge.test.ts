import { describe, expect, it } from 'vitest'
import type { Facts } from './facts.ts'
import type { News } from './history.ts'
import { judge } from './judge.ts'

const id = '0190aaaa-0000-7000-8000-000000000001'
const key = `faults/${id}/source/picture.jpg`
const thumb = `faults/${id}/g1/thumbnails/small.webp`

const history = (...news: News[]): Facts['history'] =>
  news.map((one, at) => ({ at, seed: 1, ...one }) as Facts['history'][number])
const told: News[] = [
  { what: 'sent', item: '1-0', way: 'tus', key: 'idempotency of 1-0', bytes: 10, sha256: 'aa' },
  { what: 'offset', item: '1-0', upload: id, offset: 4, from: 'answer' },
  { what: 'offset', item: '1-0', upload: id, offset: 10, from: 'answer' },
  { what: 'acknowledged', item: '1-0', assetId: id, status: 204 },
  { what: 'seen', assetId: id, status: 'queued', playable: false },
  { what: 'seen', assetId: id, status: 'ready', playable: true },
]
const asset = {
  ...{ id, item: '1-0', status: 'ready', error: undefined, playable: true, deleted: false },
  ...{ bytes: 10, sha256: 'aa' },
}
const events = ['created', 'uploaded', 'playable', 'ready'].map((type, n) => ({
  ...{ id: `event ${n}`, assetId: id, type: `asset.${type}`, generation: type === 'ready' ? 1 : undefined },
}))
const shown = { assetId: id, thumbnails: 3, seconds: 2, wantsSeconds: 2, broken: [] }

/** One clip that came in over tus and is ready, and nothing wrong. */
const well: Facts = {
  history: history(...told),
  items: [{ name: '1-0', media: 'clip2.mp4', comesTo: 'ready' }],
  assets: [asset],
  tasks: [{ id: 'task', assetId: id, key: 'inspect', status: 'done', error: undefined }],
  events,
  references: [
    { assetId: id, key, bytes: 10, sha256: 'aa', of: 'source' },
    { assetId: id, key: thumb, bytes: 3, sha256: undefined, of: 'thumbnail' },
  ],
  objects: [
    { key, bytes: 10, sha256: 'aa' },
    { key: thumb, bytes: 3, sha256: 'bb' },
  ],
  shown: [shown],
  left: [],
  leaks: [],
}

const found = (change: Partial<Facts>) => judge({ ...well, ...change }).map(({ rule, says }) => `${rule} ${says}`)
const without = (lost: string) => well.objects.filter((object) => object.key !== lost)

describe('the checker of the fault runs', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(judge(well)).toEqual([])
  })

  it.each<[string, Partial<Facts>, string[]]>([
    [
      'a lost asset',
      { assets: [], objects: [], references: [], shown: [], events: [] },
      ['I1 was acknowledged, and there is no such asset'],
    ],
    [
      'an asset that vanished',
      { assets: [{ ...asset, deleted: true }], objects: [], shown: [] },
      ['I1 was acknowledged, and is gone'],
    ],
    [
      'an asset that hangs',
      { assets: [{ ...asset, status: 'processing' }], shown: [], events: events.slice(0, 3) },
      ['I1 is processing', 'I1 is processing for ever'],
    ],
    [
      'good media that failed',
      {
        assets: [{ ...asset, status: 'failed', error: 'internal' }],
        events: [...events.slice(0, 3), { id: 'e', assetId: id, type: 'asset.failed', generation: undefined }],
        shown: [],
      },
      ['I1 clip2.mp4 came to failed (internal), not ready'],
    ],
    [
      'a task that hangs',
      { tasks: [{ id: 'task', assetId: id, key: 'digest', status: 'running', error: undefined }] },
      ['I1 is running for ever (undefined)'],
    ],
    [
      'what was deleted and came back',
      { history: history(...told, { what: 'deleted', item: '1-0', assetId: id }) },
      ['I1 was deleted, and is back'],
    ],
    [
      'two assets under one key',
      {
        assets: [asset, { ...asset, id: 'other', status: 'cancelled' }],
        events: [
          ...events,
          ...['created', 'cancelled'].map((type) => ({
            id: type,
            assetId: 'other',
            type: `asset.${type}`,
            generation: undefined,
          })),
        ],
        items: [],
      },
      ['I2 has 2 assets under one key'],
    ],
    [
      'two answers under one key',
      {
        history: history(...told, { what: 'acknowledged', item: '1-0', assetId: 'other', status: 202 }),
        assets: [asset, { ...asset, id: 'other', item: '', status: 'waiting' }],
      },
      ['I1 is waiting', `I2 was answered with ${id} and other`],
    ],
    ['a missing object', { objects: without(thumb) }, ['I3 is named by a row, and not there']],
    [
      'an object of another size',
      { objects: [...without(thumb), { key: thumb, bytes: 4, sha256: 'bb' }] },
      ['I3 is 4 bytes, not 3'],
    ],
    [
      'an object of other bytes',
      { objects: [...without(key), { key, bytes: 10, sha256: 'cc' }] },
      ['I3 has other bytes than its row says'],
    ],
    [
      'an object that no row names',
      { objects: [...well.objects, { key: `${thumb}x`, bytes: 1, sha256: 'dd' }] },
      ['I3 is named by no row of its asset, which is ready'],
    ],
    [
      'an object of nobody',
      { objects: [...well.objects, { key: 'faults/nobody/source/x', bytes: 1, sha256: 'dd' }] },
      ['I3 belongs to no asset'],
    ],
    [
      'a list that breaks off',
      { shown: [{ ...shown, broken: ['no such key'], seconds: 1 }] },
      ['I4 shows what is broken: no such key', 'I4 plays for 1 s, not 2'],
    ],
    ['two thumbnails of three', { shown: [{ ...shown, thumbnails: 2 }] }, ['I4 has 2 thumbnails']],
    [
      'an offset that falls',
      { history: history(...told, { what: 'offset', item: '1-0', upload: id, offset: 6, from: 'head' }) },
      ['I5 fell from 10 to 6'],
    ],
    [
      'other bytes than were sent',
      { assets: [{ ...asset, sha256: 'cc' }], references: well.references.slice(1), objects: without(key) },
      ['I5 is 10 bytes of cc; 10 of aa were sent'],
    ],
    ['a folder that was left', { left: ['worker-1/task-1'] }, ['I6 was left behind']],
    [
      'a life out of order',
      { events: [events[0], events[2], events[1], events[3]].flatMap((one) => one ?? []) },
      ['I7 went asset.created, asset.playable, asset.uploaded, asset.ready'],
    ],
    [
      'a way back that nobody went',
      { history: history(...told, { what: 'seen', assetId: id, status: 'processing', playable: true }) },
      ['I7 was seen as queued, ready, processing'],
    ],
    [
      'a completion told twice',
      { events: [...events, { id: 'again', assetId: id, type: 'asset.ready', generation: 1 }] },
      ['I7 went asset.created, asset.uploaded, asset.playable, asset.ready, asset.ready', 'I8 was told ready 2 times'],
    ],
    ['a completion that nobody tells', { events: events.slice(0, 3) }, ['I8 was told ready 0 times']],
    ['a secret in a log', { leaks: ['the log of api-1'] }, ['I9 holds a secret']],
  ])('names %s', (_, change, wanted) => {
    expect(found(change)).toEqual(wanted)
  })
})
