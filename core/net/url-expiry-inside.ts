import { z } from 'zod'
import { epochTime } from './url-expiry-times.ts'

const epoch = z.number().transform((seconds) => epochTime(String(seconds)))
const claims = z.object({ exp: epoch })
const policy = z.object({
  Statement: z
    .array(z.object({ Condition: z.object({ DateLessThan: z.object({ 'AWS:EpochTime': epoch }) }) }))
    .min(1)
    .max(10),
})

/** The end that a CloudFront policy sets. Its base64 has letters of its own. */
export function policyTime(value: string): number | undefined {
  const text = value.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/')
  const read = policy.safeParse(json(Buffer.from(text, 'base64').toString()))
  const ends = read.data?.Statement.map((one) => one.Condition.DateLessThan['AWS:EpochTime'])
  return ends?.filter((end) => end !== undefined).sort((a, b) => a - b)[0]
}

/** The end of a JSON Web Token, whatever its parameter is called. Read, not believed: it only says when to hurry. */
export function tokenTime(value: string): number | undefined {
  if (!/^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(value)) return undefined
  return claims.safeParse(json(Buffer.from(value.split('.')[1] ?? '', 'base64url').toString())).data?.exp
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
