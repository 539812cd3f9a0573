/** @import { Asset, Depths, Filters, Generation, Page, Task } from './types.d.ts' */
import { call } from './http.js'

/** @param {{ cursor?: string | undefined, limit: number, filters: Partial<Filters> }} options @returns {Promise<Page>} */
export async function listAssets({ cursor, limit, filters }) {
  const query = new URLSearchParams({ limit: String(limit) })
  for (const [name, value] of Object.entries({ ...filters, cursor })) if (value) query.set(name, value)
  const { body, date } = await call(`/v1/assets?${query}`)
  return { ...body, serverTime: date }
}

/** @param {string} id @param {string} [more] */
const at = (id, more = '') => `/v1/assets/${encodeURIComponent(id)}${more}`

/** @param {string} id @returns {Promise<Asset>} */
export const readAsset = async (id) => (await call(at(id))).body

/** @param {string} id @returns {Promise<Task[]>} */
export const tasksOf = async (id) => (await call(at(id, '/tasks'))).body.data

/** @param {string} url @returns {Promise<Asset>} */
export const createFromAddress = async (url) =>
  (await call('/v1/assets', { method: 'POST', body: { source: { url } } })).body

/** @param {string} id @returns {Promise<Asset>} */
export const cancelAsset = async (id) => (await call(at(id, '/cancel'), { method: 'POST' })).body

/** @param {string} id @param {string} profile @returns {Promise<Asset>} */
export const reprocessAsset = async (id, profile) =>
  (await call(at(id, '/reprocess'), { method: 'POST', body: profile === '' ? {} : { profile } })).body

/** @param {string} id */
export const deleteAsset = async (id) => void (await call(at(id), { method: 'DELETE' }))

/**
 * How much waits in which queue, and how many workers live: for operators; for others it throws `forbidden`.
 * @returns {Promise<Depths>}
 */
export async function houseDepths() {
  const { body } = await call('/admin/queues/api/queues')
  const health = await call('/health').catch(() => undefined)
  const queues = body.queues.map(
    (/** @type {{ name: string, counts: Record<string, number>, isPaused: boolean }} */ one) => {
      const { active = 0, waiting = 0, prioritized = 0, delayed = 0, failed = 0 } = one.counts
      return {
        name: one.name,
        running: active,
        waiting: waiting + prioritized,
        resting: delayed,
        failed,
        paused: one.isPaused,
      }
    },
  )
  return { queues, workers: health?.body.workers?.living }
}

/** The same asset with addresses that this viewer may use for an hour: a private one shows itself to nobody without. @param {Asset} asset @returns {Promise<Asset>} */
export async function viewable(asset) {
  if (asset.visibility !== 'private' || !asset.playable) return asset
  const { body } = await call(at(asset.id, '/sign'), { method: 'POST', body: { expiresIn: 3_600 } })
  const { playback, thumbnails, storyboard, images, audio } = body
  return { ...asset, playback, thumbnails, storyboard, images, audio }
}

/** Every generation there was, newest first. @param {string} id @returns {Promise<Generation[]>} */
export const generationsOf = async (id) => (await call(at(id, '/generations'))).body.data
