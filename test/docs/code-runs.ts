export type CodeRun = {
  /** How the block begins: its first lines, as far as they tell it from others. */
  begins: string
  path: string
  /** What its reader has already, and what a reader would do with it. */
  before?: string
  after?: string
  /** Whether it has to be a film that plays. */
  film?: true
  /** What it then prints. */
  says: RegExp
}

const client = `import { Sluice } from 'sluice/client'\nconst sluice = new Sluice({ url: 'https://media.example.com', key: 'sl_…' })\n`
const token = 'const { token } = await sluice.createUploadToken({})\n'
const film = `import { readFileSync } from 'node:fs'\nconst bytes = readFileSync('film.mp4')\n`
const id = '[0-9a-f-]{36}'

/** Every block of code that is no whole file: what goes around it, and what comes of it. */
export const codeRuns: CodeRun[] = [
  {
    path: 'docs/getting-started.md',
    begins: "import { Sluice } from 'sluice/client'",
    after: 'console.log(asset.status)',
    says: /^ready$/m,
  },
  {
    path: 'docs/getting-started.md',
    begins: "import { createProducer } from 'sluice/queues'",
    after: "console.log('done')",
    says: /^done$/m,
  },
  {
    path: 'docs/client.md',
    begins: "import { Sluice } from 'sluice/client'",
    before: "const url = 'https://example.com/cat.jpg'\n",
    after: 'console.log(asset.status)',
    says: /^ready$/m,
  },
  {
    path: 'docs/client.md',
    begins: 'for await (const { id, type, data } of sluice.events',
    before: `${client}const lastId = undefined\nsetInterval(() => sluice.createAsset({ source: { url: 'https://example.com/cat.jpg' } }), 1_000)\n`,
    says: /^(undefined|http)/m,
  },
  {
    path: 'docs/client.md',
    begins: "import { verifyWebhook } from 'sluice/client'",
    before: `import { Webhook } from 'standardwebhooks'
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = '{"type":"asset.ready","timestamp":"2026-01-01T00:00:00Z","data":{}}'
const headers = {
  'webhook-id': 'msg_1',
  'webhook-timestamp': String(Math.floor(Date.now() / 1000)),
  'webhook-signature': new Webhook(secret).sign('msg_1', new Date(), body),
}
const request = { headers }\n`,
    after: 'console.log(event.type)',
    says: /^asset\.ready$/m,
  },
  {
    path: 'docs/client.md',
    begins: "import { createProducer } from 'sluice/queues'",
    before: "const url = 'https://example.com/cat.jpg'\n",
    after: "console.log('done')",
    says: /^done$/m,
  },
  {
    path: 'docs/uploads/tus-js-client.md',
    begins: "import { Upload } from 'tus-js-client'",
    before: `${client}${token}${film}const file = Object.assign(bytes, { name: 'film.mp4' })\n`,
    says: new RegExp(`^${id} is there$`, 'm'),
  },
  {
    path: 'docs/uploads/sluice-client.md',
    begins: "import { Sluice } from 'sluice/client'\n\nconst sluice",
    film: true,
    says: /^\d+ of \d+ bytes\nhttp\S+m3u8$/m,
  },
  {
    path: 'docs/uploads/sluice-client.md',
    begins: "import { Sluice } from 'sluice/client'\n\nexport async function send",
    before: `${film}const real = fetch
globalThis.fetch = async (to, init) => {
  if (to !== '/upload-token') return real(to, init)
  const sluice = new Sluice({ url: 'https://media.example.com', key: 'sl_…' })
  return Response.json(await sluice.createUploadToken({}))
}\n`,
    after: `console.log(await send(new File([bytes], 'film.mp4'), (share) => console.log(share), new AbortController().signal))`,
    says: new RegExp(`^1\\n${id}$`, 'm'),
  },
  {
    path: 'docs/uploads/sluice-client.md',
    begins: 'const again = sluice.upload',
    before: `${client}const upload = sluice.upload('film.mp4', { chunkBytes: 16_384, onProgress: ({ bytes }) => bytes && upload.pause() })
while (upload.url === undefined) await new Promise((resolve) => setTimeout(resolve, 10))\nawait upload.pause()\n`,
    after: 'console.log(assetId === upload.assetId)',
    says: /^true$/m,
  },
  {
    path: 'docs/uploads/sluice-client.md',
    begins: 'const asset = await sluice.uploadChunked',
    before: client,
    after: 'console.log(asset.status)',
    says: /^\d+ of \d+ bytes\n(queued|processing|ready)$/m,
  },
  {
    path: 'docs/uploads/python.md',
    begins: 'from upload import',
    says: /^ready http\S+jpg$/m,
  },
]
