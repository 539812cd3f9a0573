import { newKey } from './http.ts'

type Request = { getMethod(): string; setHeader(name: string, value: string): void }

/** For the hooks of tus-js-client: the Idempotency-Key of an upload's creation, which is sent again where its answer was lost. */
export function creationKey() {
  let key = newKey()
  return {
    setOn(request: Request): void {
      if (request.getMethod() === 'POST') request.setHeader('Idempotency-Key', key)
    },
    /** What is over is made anew. Where a server only had no answer, the same key finds what is there. */
    renewIfOver(request: Request, status: number): void {
      if (request.getMethod() === 'HEAD' && (status === 404 || status === 410)) key = newKey()
    },
  }
}
