import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import { type ErrorCode, errorCodes } from '../../core/error-codes.ts'

/** An answer as it can be given again. */
export type Answer = { status: number; headers: Record<string, string>; body: string }

/** Headers that belong to what was answered; the others are about the connection, the moment or the caller. */
const lasting = [
  'content-type',
  'location',
  'asset-id',
  'asset-existed',
  'preference-applied',
  'tus-resumable',
  'upload-offset',
  'upload-expires',
]

export function answerOf(reply: FastifyReply, body: string): Answer {
  const said = lasting.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)]]
  })
  return { status: reply.statusCode, headers: Object.fromEntries(said), body }
}

/** Refusals that judge the request alone, which would be the same at any time. */
const judging = new Set([400, 410, 413, 415, 422])

/** Whether an answer is the last word: done, or refused for what was asked. Whatever may pass leaves the key free for another try. */
export function isFinal({ status, headers, body }: Answer): boolean {
  if (status < 400) return true
  if (!headers['content-type']?.startsWith('application/problem+json')) return false
  return isLasting({ status, ...problem.parse(JSON.parse(body)) })
}

/** Whether a refusal would be the same at any time. */
export const isLasting = ({ status, code }: { status: number; code: string }): boolean =>
  judging.has(status) && !passing.has(code) && isCode(code) && errorCodes[code].fate === 'give_up'

const problem = z.object({ code: z.string() })
const passing = new Set(['upload_interrupted', 'checksum_mismatch', 'quota_exceeded'])
const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCodes, code)

/** The caller's key stands nowhere: one thing derived from it finds its row, another opens the answer. So an answer may hold a secret that is shown once. */
const derive = (scope: string, key: string, purpose: 'find' | 'seal') =>
  Buffer.from(hkdfSync('sha256', key, scope, `sluice idempotency ${purpose}`, 32))

export const lookupOf = (scope: string, key: string): string => derive(scope, key, 'find').toString('hex')

const [ivBytes, tagBytes] = [12, 16]

export function sealer(scope: string, key: string) {
  const secret = derive(scope, key, 'seal')
  return {
    seal({ headers, body }: Answer): Buffer {
      const iv = randomBytes(ivBytes)
      const cipher = createCipheriv('aes-256-gcm', secret, iv)
      const sealed = Buffer.concat([cipher.update(JSON.stringify({ headers, body }), 'utf8'), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), sealed])
    },
    open({ status, answer }: { status: number; answer: Buffer }): Answer {
      const decipher = createDecipheriv('aes-256-gcm', secret, answer.subarray(0, ivBytes))
      decipher.setAuthTag(answer.subarray(ivBytes, ivBytes + tagBytes))
      const text = Buffer.concat([decipher.update(answer.subarray(ivBytes + tagBytes)), decipher.final()])
      // Sealed above, and by nobody else.
      return { status, ...(JSON.parse(text.toString('utf8')) as Omit<Answer, 'status'>) }
    },
  }
}
