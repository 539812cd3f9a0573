import type { Config } from './config.ts'

/** What addresses are signed with. A process that has neither been given one nor read the kept one was started wrongly. */
export function signingSecretOf({ SIGNING_SECRET }: Pick<Config, 'SIGNING_SECRET'>): string {
  if (SIGNING_SECRET === undefined) throw new Error('there is no SIGNING_SECRET: ask keptSigningSecret at start')
  return SIGNING_SECRET
}
