/** One source file, as the rules see it. */
export type Source = { path: string; lines: number; imports: Import[]; readsEnvironment: boolean }

/** `to` is a path of ours for relative imports, else the package or `node:` module. */
export type Import = { to: string; ours: boolean; typeOnly: boolean }

const pure = /^core\/(media\/|net\/|asset\.ts|errors\.ts|error-codes\.ts|error-codes-of-work\.ts|access-codes\.ts)/
const harmless = new Set([
  'node:path',
  'node:path/posix',
  'node:url',
  'node:util',
  'node:buffer',
  'node:crypto',
  'node:assert',
  'zod',
  'ipaddr.js',
  'thumbhash',
  // Reads bytes that it is given; its readers of files are not for core.
  'file-type',
])
const aside = /^(scripts|test|fixtures)\/|\.(test|suite)\.ts$|^vitest\.config\.ts$/

/** Which part of the house may import which, besides itself. Tests, scripts and fixtures may import everything. */
const mayImport: Record<string, string[]> = {
  core: [],
  queues: ['core'],
  api: ['core', 'queues'],
  workers: ['core', 'queues'],
  cli: ['core', 'queues', 'api', 'workers', 'client'],
  migrations: [],
  client: [],
}

/** Nobody writes it, and nobody has to read it through. */
const made = 'client/types.ts'

/** Everything wrong with one file, each as a sentence. */
export function judge(source: Source): string[] {
  if (aside.test(source.path)) return []
  const part = partOf(source.path)
  const found: string[] = []
  if (source.lines > 250 && source.path !== made) found.push(`has ${source.lines} lines; 250 is the most`)
  if (source.readsEnvironment && source.path !== 'core/config.ts')
    found.push('reads process.env; only core/config.ts may')
  for (const one of source.imports) {
    if (one.ours) found.push(...judgeOurs({ source, part, one }))
    else if (pure.test(source.path) && !one.typeOnly && !harmless.has(one.to))
      found.push(`is pure, but imports ${one.to}`)
  }
  return found.map((fault) => `${source.path} ${fault}`)
}

function judgeOurs({ source, part, one }: { source: Source; part: string; one: Import }): string[] {
  const target = partOf(one.to)
  if (aside.test(one.to)) return [`imports ${one.to}, which is not part of the product`]
  if (pure.test(source.path) && !pure.test(one.to)) return [`is pure, but imports ${one.to}`]
  if (part === 'migrations') return [`imports ${one.to}; a migration imports nothing of ours`]
  if (part === 'client')
    return target === 'client' || one.typeOnly ? [] : [`imports ${one.to}; the client imports types alone`]
  if (target === part || mayImport[part]?.includes(target)) return []
  return [`imports ${one.to}; ${part} may import ${mayImport[part]?.join(', ') || 'nothing else'}`]
}

function partOf(path: string): string {
  return path.split('/')[0] ?? ''
}

/** Circles of imports that happen at run time, each once, as `a -> b -> a`. */
export function findCircles(sources: Source[]): string[] {
  const next = new Map(
    sources.map((source) => [
      source.path,
      source.imports.filter((one) => one.ours && !one.typeOnly).map((one) => one.to),
    ]),
  )
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (path: string, way: string[]): void => {
    const seen = way.indexOf(path)
    if (seen >= 0) circles.push(`a circle of imports: ${[...way.slice(seen), path].join(' -> ')}`)
    if (seen >= 0 || done.has(path)) return
    for (const to of next.get(path) ?? []) visit(to, [...way, path])
    done.add(path)
  }
  for (const path of next.keys()) visit(path, [])
  return circles
}
