import { SluiceError } from './errors.ts'
import { checkUrl } from './net/url.ts'

/** What the guard says of an address, where it is we who would call it. */
export const asCalled = (publicMessage: string) => publicMessage.replace('fetched', 'called')

/** Held to the same rules as what is fetched: it is we who would connect. */
export function checkWebhookUrl(url: string, { field, allow }: { field: string; allow: readonly string[] }): void {
  try {
    checkUrl(url, { allow })
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    const publicMessage = asCalled(error.publicMessage)
    const errors = [{ path: field, message: publicMessage }]
    throw new SluiceError(error.code, { message: `${field}: ${error.message}`, publicMessage, errors })
  }
}
