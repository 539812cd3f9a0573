import type { FastifyReply, FastifyRequest } from 'fastify'
import { type KeyRef, keepAnswer, settleRequest } from '../../core/db/idempotency.ts'
import { faultPoint } from '../../core/fault-point.ts'
import { newId, nthId } from '../../core/ids.ts'
import { meterBody } from '../../core/storage/meter.ts'
import { type Caller, callerOf } from '../auth/authenticate.ts'
import { callerGone } from '../caller-gone.ts'
import type { ApiHouse } from '../house.ts'
import { invalid } from '../parse.ts'
import { readForm } from '../read-form.ts'
import { type Answer, answerOf, isFinal, lookupOf, sealer } from './answer.ts'
import { type Begun, begin, keyReused } from './begin.ts'
import { type FormContent, requestHash } from './request-hash.ts'

type OnceHouse = Pick<ApiHouse, 'config' | 'db' | 'locks' | 'log' | 'access'>

/** A request under way that bears a key. */
export type Once = {
  /** Of the asset that it makes: the same however often it is tried. */
  assetId: string
  /** Called with what a form carried before anything is made of it. */
  settle(form: FormContent): Promise<void>
  /** The answer will not be the last word, though it looks like it. */
  undecided(): void
  /** Keeps the answer, where it is the last word, and lets others with this key go on. */
  answered(reply: FastifyReply, body: string | undefined): Promise<void>
  release(): Promise<void>
}

/** As long as a client is likely to wait. */
const waitMs = 30_000
const printable = /^[\x20-\x7e]{1,255}$/

export function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key === 'string' && printable.test(key)) return key
  throw invalid([{ path: 'Idempotency-Key', message: 'wants 1 to 255 printable characters' }])
}

/** Begins a request that bears a key, or gives the answer that it got before. */
export async function beginOnce(options: {
  house: OnceHouse
  request: FastifyRequest
  reply: FastifyReply
  key: string
}): Promise<Once | Answer> {
  const { house, request, reply, key } = options
  const caller = await callerOf(house, request)
  const scope = scopeOf(caller)
  const ref = { tenant: caller.tenant, key: lookupOf(scope, key) }
  const form = request.isMultipart()
  const hash = form ? null : requestHash(request)
  const found = await begin({ house, ref, requestHash: hash, waitMs, gone: callerGone(reply) })
  if ('lock' in found) return underWay({ house, request, ref, begun: found, seal: sealer(scope, key).seal })
  if (form && !found.requestHash?.equals(await hashOfForm(house, request))) throw keyReused()
  return sealer(scope, key).open(found)
}

/** Whoever may do other things does not share keys: an answer is given again to none who could not have got it at first. */
const scopeOf = ({ tenant, scopes, uploadToken }: Caller) =>
  JSON.stringify([tenant, [...scopes].sort(), uploadToken?.id ?? null])

type UnderWay = {
  house: OnceHouse
  request: FastifyRequest
  ref: KeyRef
  begun: Begun
  seal: (answer: Answer) => Buffer
}

function underWay({ house, request, ref, begun: { lock, assetId }, seal }: UnderWay): Once {
  // Until it has been read, a form may not be told from another with the same key.
  let known = !request.isMultipart()
  let lasting = true
  let over = false
  const release = async () => {
    if (over) return
    over = true
    await lock.release()
  }
  return {
    assetId,
    async settle(form) {
      const same = await settleRequest(house.db, { ...ref, assetId, requestHash: requestHash(request, form) })
      if (!same) throw keyReused()
      known = true
    },
    undecided() {
      lasting = false
    },
    async answered(reply, body) {
      if (over) return
      try {
        faultPoint('answer-made')
        const answer = body === undefined ? undefined : answerOf(reply, body)
        if (known && lasting && answer && isFinal(answer))
          await keepAnswer(house.db, { ...ref, assetId, status: answer.status, answer: seal(answer) })
      } catch (err) {
        // The next try finds by its id what was made.
        house.log.warn({ err }, 'an answer could not be kept for its idempotency key')
      } finally {
        await release()
      }
    },
    release,
  }
}

async function hashOfForm({ config }: OnceHouse, request: FastifyRequest): Promise<Buffer> {
  const { stored, fields, filename } = await readForm(request, async ({ file }) => {
    const meter = meterBody({ body: file, maxBytes: config.MAX_FORM_BYTES })
    for await (const _chunk of meter.chunks);
    return meter.seen()
  })
  return requestHash(request, { fields, filename, bytes: stored.bytes, sha256: stored.sha256 })
}

/** The id for what a request makes; the n-th, where it makes several. With a key they are the same at each try. */
export function idFor(request: FastifyRequest, n = 0): string {
  const first = request.once?.assetId
  if (first === undefined) return newId()
  return n === 0 ? first : nthId(first, n)
}
