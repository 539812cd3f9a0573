import type { FastifyRequest } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type Accepted, acceptAsset } from '../../core/accept.ts'
import { newAssetView } from '../../core/asset-view.ts'
import { viewAssets } from '../../core/db/asset-views.ts'
import type { Reminder } from '../../core/db/tasks.ts'
import { type Caller, callerWith } from '../auth/authenticate.ts'
import type { ApiHouse } from '../house.ts'
import { isLasting } from '../once/answer.ts'
import { idFor } from '../once/once.ts'
import { parseInput } from '../parse.ts'
import { type Problem, problemFor } from '../problem.ts'
import { assetBody, assetFromSource } from './asset-from-source.ts'

export const batch = z.strictObject({ items: z.array(z.unknown()).min(1).max(100) })

/** Each takes a connection of the pool, of which other callers want some too. */
const atOnce = 4

/** `POST /v1/assets/batch`: many addresses and objects in one call, each judged alone, answered in their order. */
export function assetBatchRoutes(house: ApiHouse): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/v1/assets/batch', { bodyLimit: 4 * 1024 * 1024 }, async (request, reply) => {
      const caller = await callerWith(house, request, 'assets')
      const { items } = parseInput(batch, request.body)
      const reminders: Reminder[] = []
      const judged = await inTurn(items, (item, n) =>
        judge({ house, request, item, id: idFor(request, n), caller, reminders }),
      )
      house.push.push(reminders)
      const found = judged.flatMap((one) => ('asset' in one && !one.created ? [one.asset] : []))
      const views = found.length > 0 ? await viewAssets(house.db, house.storage, found) : []
      const viewOf = ({ asset, created }: Accepted) =>
        created ? newAssetView({ asset, storage: house.storage }) : views[found.indexOf(asset)]
      const data = judged.map((one) => ('asset' in one ? viewOf(one) : one.problem))
      // An item that may yet be taken is tried again with the others, which are found as they are.
      if (judged.some((one) => 'problem' in one && !isLasting(one.problem))) request.once?.undecided()
      return reply.status(202).send({ data })
    })
  }
}

type Judging = {
  house: ApiHouse
  request: FastifyRequest
  item: unknown
  id: string
  caller: Caller
  reminders: Reminder[]
}

async function judge({
  house,
  request,
  item,
  id,
  caller,
  reminders,
}: Judging): Promise<Accepted | { problem: Problem }> {
  try {
    const body = parseInput(assetBody, item)
    const accepted = await acceptAsset(house, await assetFromSource(house, { body, id, caller }))
    reminders.push(...accepted.reminders)
    return accepted
  } catch (error) {
    return { problem: problemFor(error, request) }
  }
}

/** Some at once; the results in the order of the items. */
async function inTurn<Item, Result>(items: Item[], run: (item: Item, n: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const left = items.entries()
  const lane = async () => {
    for (const [at, item] of left) results[at] = await run(item, at)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return results
}
