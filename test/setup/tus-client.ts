import type { Readable } from 'node:stream'
import { Upload, type UploadOptions } from 'tus-js-client'

/** Uploads with tus-js-client as it comes, and gives the id of what was made. */
export async function uploadOverTus(
  url: string,
  data: Buffer | Readable,
  options: Partial<UploadOptions> = {},
): Promise<{ id: string; upload: Upload }> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(data, {
      endpoint: `${url}/v1/tus`,
      retryDelays: [0, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400],
      ...options,
      onError: reject,
      onSuccess: () => resolve({ id: upload.url?.split('/').at(-1) ?? '', upload }),
    })
    upload.start()
  })
}
