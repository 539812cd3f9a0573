/** tus by hand, for tests that look at the protocol itself. */
export type TusSession = ReturnType<typeof tusSession>

type Headers = Record<string, string>
export const bytesType = 'application/offset+octet-stream'

/** `Upload-Metadata` of these. */
export const metadata = (fields: Record<string, string>) =>
  Object.entries(fields)
    .map(([key, text]) => `${key} ${Buffer.from(text).toString('base64')}`)
    .join(',')

export function tusSession(base: string, always: Headers = {}) {
  const call = (method: string, path: string, headers: Headers, body?: Uint8Array<ArrayBuffer> | ReadableStream) =>
    fetch(new URL(path, base), {
      method,
      headers: { 'tus-resumable': '1.0.0', ...always, ...headers },
      ...(body === undefined ? {} : { body }),
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    })
  return {
    call,
    options: (path = '/v1/tus') => call('OPTIONS', path, {}),
    create: (headers: Headers, body?: Uint8Array<ArrayBuffer>) =>
      call('POST', '/v1/tus', { ...(body ? { 'content-type': bytesType } : {}), ...headers }, body),
    /** Creates one that must work, and gives its address. */
    async begun(headers: Headers): Promise<string> {
      const answer = await call('POST', '/v1/tus', headers)
      if (answer.status !== 201) throw new Error(`creation answered ${answer.status}: ${await answer.text()}`)
      return answer.headers.get('location') ?? ''
    },
    head: (path: string) => call('HEAD', path, {}),
    patch: (
      path: string,
      offset: number | string,
      body?: Uint8Array<ArrayBuffer> | ReadableStream,
      headers: Headers = {},
    ) => call('PATCH', path, { 'content-type': bytesType, 'upload-offset': String(offset), ...headers }, body),
    remove: (path: string) => call('DELETE', path, {}),
  }
}

export async function problemOf(answer: Response): Promise<{ status: number; code: string; type: string | null }> {
  const { code } = (await answer.json()) as { code: string }
  return { status: answer.status, code, type: answer.headers.get('content-type') }
}

export const idOf = (path: string) => path.split('/').at(-1) ?? ''
