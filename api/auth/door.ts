import type { FastifyReply, FastifyRequest } from 'fastify'
import { SluiceError } from '../../core/errors.ts'
import type { ApiHouse } from '../house.ts'
import { callerOf } from './authenticate.ts'
import { addressSubject, type Standing } from './limits.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route asks for a right of another kind by itself: a signature in its address. */
    ownDoor?: true
  }
}

type Doorkeeper = Pick<ApiHouse, 'config' | 'db' | 'access'>

/** The one door of the API: who calls is asked, and how often they did, before anything else is looked at. */
export async function atTheDoor(house: Doorkeeper, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('cache-control', 'private, no-store')
  const { subject } = await callerOf(house, request).catch(async (error: unknown) => {
    if (isWrongCredential(error)) await countWrongCredential(house, request, reply)
    throw error
  })
  if (subject === undefined || carriesBytes(request)) return
  refuseWhenSpent(reply, await house.access.calls.count(subject), 'this key')
}

const wrong = 'wrong credentials from this address'

/** Wrong credentials are counted by the address that they come from; past the limit their sender is told to wait, and no more. */
export async function countWrongCredential({ access }: Doorkeeper, request: FastifyRequest, reply: FastifyReply) {
  refuseWhenSpent(reply, await access.wrongKeys.count(addressSubject(request.ip)), wrong)
}

/** For what is short enough to be guessed: who guessed too often is not heard at all. (Keys are not: a guesser next door must not lock them out.) */
export function refuseGuesser({ access }: Doorkeeper, request: FastifyRequest, reply: FastifyReply): void {
  refuseWhenSpent(reply, access.wrongKeys.spent(addressSubject(request.ip)), wrong)
}

const isWrongCredential = (error: unknown) => error instanceof SluiceError && error.code === 'unauthorized'

/** Pieces of an upload are bounded by its size and by quotas; to count them would punish small pieces. */
const carriesBytes = ({ method }: FastifyRequest) => method === 'PATCH' || method === 'PUT' || method === 'HEAD'

function refuseWhenSpent(reply: FastifyReply, standing: Standing | undefined, what: string): void {
  if (standing === undefined) return
  const { exceeded, limit, remaining, resetMs } = standing
  const seconds = Math.ceil(resetMs / 1_000)
  reply.headers({ 'ratelimit-limit': limit, 'ratelimit-remaining': remaining, 'ratelimit-reset': seconds })
  if (!exceeded) return
  throw new SluiceError('rate_limited', {
    message: `more than ${limit} calls with ${what}`,
    publicMessage: `Too many calls with ${what}: ${limit} were allowed. More are in ${seconds} s.`,
    retryAfterMs: Math.max(1_000, resetMs),
  })
}
