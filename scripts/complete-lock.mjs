import { readFileSync, writeFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const os = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony'],
  cpu = ['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'loong64', 'mips64el']
let n = 0
for (const [path, p] of Object.entries(lock.packages))
  for (const [name, version] of Object.entries(p.optionalDependencies ?? {})) {
    const at = `node_modules/${name}`
    if (lock.packages[at] || lock.packages[`${path}/${at}`]) continue
    const words = name.split(/[-/]/)
    const o = os.find((x) => words.includes(x)),
      c = cpu.find((x) => words.includes(x))
    console.log(path, name, version, o, c)
    n++
    lock.packages[at] = {
      version,
      ...(c && c !== 'wasm32' ? { cpu: [c] } : {}),
      ...(p.dev ? { dev: true } : {}),
      license: p.license,
      optional: true,
      ...(o ? { os: [o] } : {}),
      ...(words.includes('musl') ? { libc: ['musl'] } : {}),
    }
  }
const sorted = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a === '' ? -1 : b === '' ? 1 : a.localeCompare(b, 'en'))),
)
lock.packages = sorted
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
console.log(n)
