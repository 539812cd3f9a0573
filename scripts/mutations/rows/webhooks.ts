import type { Mutation } from '../mutation.ts'

const endpoints = 'test/webhooks.test.ts'

/** What keeps an endpoint from being forgotten, told twice, or in the way of others. */
export const webhookMutations: readonly Mutation[] = [
  {
    without: 'turns of endpoints',
    file: 'workers/notify/start-deliveries.ts',
    find: 'slots.inTurn(due)',
    replace: 'due',
    proof: `${endpoints} › has its turn, though others like it always have more waiting`,
  },
  {
    without: 'remembering who had a slot',
    file: 'workers/notify/slots.ts',
    find: '      noteTurn(id)\n',
    replace: '',
    proof: 'workers/notify/slots.test.ts › are given to the fifth of five that always fail',
  },
  {
    without: 'the whole time that an endpoint has once it is enabled',
    file: 'core/db/webhooks.ts',
    find: ', enabled_at: sql<Date>`now()`',
    replace: '',
    proof: `${endpoints} › that is enabled after days is tried as if it never had been: one more failure loses nothing`,
  },
  {
    without: 'short pauses of what is asked for again',
    file: 'workers/notify/deliver.ts',
    find: 'head.tries + 1',
    replace: 'head.attempts + 1',
    proof: `${endpoints} › is sent what was given up again, with short pauses first, when that is asked for`,
  },
  {
    without: 'leaving a lane alone that somebody is at',
    file: 'core/db/delivery-lanes.ts',
    find: 'CASE WHEN delivery_lanes.leased_until = delivery_lanes.next_at THEN delivery_lanes.next_at ELSE now() END',
    replace: 'now()',
    proof: `${endpoints} › that somebody is at is not begun again by what is asked for meanwhile, which then goes first and at once`,
  },
  {
    without: 'the pause of an event being its own',
    file: 'core/db/settle-delivery.ts',
    find: 'next.id === settled?.deliveryId ? pauseOf(settled) : 0',
    replace: 'settled ? pauseOf(settled) : 0',
    proof: `${endpoints} › that somebody is at is not begun again by what is asked for meanwhile, which then goes first and at once`,
  },
  {
    without: 'leaving an endpoint as it is that is enabled already',
    file: 'core/db/webhooks.ts',
    find: "      .where('disabled_at', 'is not', null)\n",
    replace: '',
    proof: `${endpoints} › goes on as it was when its endpoint is enabled, which it is`,
  },
  {
    without: 'a look whether the endpoint was deleted',
    file: 'core/db/deliveries.ts',
    find: "    .where('webhooks.deleted_at', 'is', null)\n    .orderBy",
    replace: '    .orderBy',
    proof: `${endpoints} › that is deleted is there for nobody any more, and is sent nothing of what waited for it`,
  },
  {
    without: 'a deletion in small steps',
    file: 'core/db/forget-webhooks.ts',
    find: 'if ((await someLanes(db, id)) > 0 || (await someDeliveries(db, id)) > 0) continue',
    replace: '',
    proof: `${endpoints} › is deleted while others write down what came of it, and holds up neither them nor any event`,
  },
]
