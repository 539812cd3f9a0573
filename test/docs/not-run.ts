type NotRun = {
  /** How the command, or the block of code, begins. */
  begins: string
  why: string
  /** The test that shows what the block says, and how its title begins. */
  proof?: readonly [file: string, title: string]
}

const installs = 'installs packages, and runs `sluice up` then'

/** What the pages show and their tests do not run. Each has its reason, and stands on some page still. */
export const notRun: NotRun[] = [
  { begins: 'npm run up', why: installs, proof: ['test/up.test.ts', 'it starts, prints its one line'] },
  { begins: 'FETCH_ALLOW=127.0.0.1 npm run up', why: installs, proof: ['test/up.test.ts', 'it starts, prints its'] },
  { begins: 'npm test', why: 'is what runs this' },
  { begins: 'sluice up --port', why: 'goes on', proof: ['test/up.test.ts', 'it starts, prints its one line'] },
  { begins: 'sluice bench', why: 'takes its time', proof: ['test/cli.test.ts', 'sluice bench measures this machine'] },
  { begins: 'export DATABASE_URL', why: 'servers of the reader' },
  { begins: 'export QUEUE_URL', why: 'servers of the reader' },
  { begins: 'export STORAGE=s3', why: 'servers of the reader' },
  { begins: 'STORAGE=s3 STORAGE_FALLBACK=local', why: 'settings alone', proof: ['test/away-processes.s3.test.ts', ''] },
  {
    begins: 'sluice adopt s3://',
    why: 'wants a bucket',
    proof: ['test/cli.s3.test.ts', 'sluice adopt makes an asset'],
  },
  {
    begins: 'npm pack',
    why: 'builds into this very folder',
    proof: ['test/package.test.ts', 'runs below node_modules'],
  },
  { begins: 'npm install', why: 'asks a registry', proof: ['test/package.test.ts', 'runs below node_modules'] },
  { begins: 'kubectl', why: 'wants a cluster', proof: ['test/deploy.test.ts', 'name each other, and every file'] },
  { begins: 'docker compose', why: 'wants an engine', proof: ['test/deploy.test.ts', 'gives settings that there are'] },
  { begins: 'S3_TEST_ENDPOINT', why: 'is a run of tests', proof: ['core/storage/s3.s3.test.ts', ''] },
  {
    begins: 'TUS_MIB=200',
    why: 'is a run of tests',
    proof: ['test/tus-clients.test.ts', ' cuts, each time on another process'],
  },
  { begins: 'npm run test:faults', why: 'takes hours', proof: ['test/faults.redis.test.ts', ''] },
  { begins: 'pg_dump', why: 'wants the tools of the server’s own version' },
  { begins: 'pg_restore', why: 'wants the tools of the server’s own version' },
  { begins: 'aws s3 sync', why: 'wants a bucket, and a tool of others' },
  {
    begins: "import Uppy from '@uppy/core'",
    why: 'wants packages that are not ours',
    proof: ['test/tus-clients.test.ts', 'uploads the way Uppy has it do'],
  },
]

export const isNotRun = (text: string) => notRun.some(({ begins }) => text.startsWith(begins))
