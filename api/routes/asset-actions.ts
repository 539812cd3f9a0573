import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { cancelAsset, deleteAsset } from '../../core/db/asset-endings.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import { type Asset, noAsset } from '../../core/db/assets.ts'
import { type Task, tasksOf } from '../../core/db/tasks.ts'
import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { signedAddresses, signedFor } from '../../core/signed-addresses.ts'
import { callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { theAsset } from './the-asset.ts'

const schema = { params: z.object({ id: z.string() }) }

/** What can be done with one asset: play it, look into its work, stop it, delete it. */
export function assetActionRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.get('/v1/assets/:id/play', { schema }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const asset = await theAsset(house, { id: request.params.id, tenant })
      const addresses = asset.visibility === 'private' ? signedForNow(house, asset) : house.storage
      const [view] = await viewAssets(house.db, addresses, [asset])
      const url = view?.playback?.hls ?? view?.playback?.original ?? view?.audio?.url ?? view?.images[0]?.url
      if (!asset.playable || url === undefined) throw conflict(`It cannot be played: it is ${asset.status}.`)
      return reply.header('cache-control', 'no-store').redirect(url, 302)
    })

    app.get('/v1/assets/:id/tasks', { schema }, async (request) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const asset = await theAsset(house, { id: request.params.id, tenant })
      const tasks = await tasksOf(house.db, { id: asset.id, generation: asset.target_generation })
      return { data: tasks.map(taskView), nextCursor: null }
    })

    app.post('/v1/assets/:id/cancel', { schema }, async (request) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const key = { id: request.params.id, tenant }
      const { status } = await theAsset(house, key)
      const asset = await cancelAsset(house.db, key)
      if (asset === undefined) throw conflict(`There is nothing to stop: it is ${status}.`)
      return (await viewAssets(house.db, house.storage, [asset]))[0]
    })

    app.delete('/v1/assets/:id', { schema }, async (request, reply) => {
      const { tenant } = await callerWith(house, request, 'assets')
      const { id } = request.params
      const reminders = isId(id) ? await deleteAsset(house.db, { id, tenant }) : undefined
      if (reminders === undefined) throw noAsset(id)
      house.push.push(reminders)
      return reply.status(204).send()
    })
  }
}

const conflict = (publicMessage: string) => new SluiceError('conflict', { message: publicMessage, publicMessage })

/** A private asset plays at an address of its own for each caller, which ends by itself. */
const signedForNow = (house: ApiHouse, asset: Asset) =>
  signedAddresses({ config: house.config, asset, expiresAt: new Date(Date.now() + signedFor.usual * 1000) })

function taskView(task: Task) {
  const time = (date: Date | null) => date?.toISOString() ?? null
  return {
    ...{
      id: task.id,
      key: task.key,
      queue: task.queue,
      status: task.status,
      progress: task.progress,
      worker: task.worker,
    },
    ...{ attempts: task.attempt, failures: task.failures, crashes: task.crashes, error: task.error },
    ...{ createdAt: time(task.created_at), startedAt: time(task.started_at), finishedAt: time(task.finished_at) },
  }
}
