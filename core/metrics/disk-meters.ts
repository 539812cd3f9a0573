import { Gauge, type Registry } from 'prom-client'
import type { Config } from '../config.ts'
import { scratchFolder } from '../scratch-folder.ts'
import { statsOf } from '../storage/disk-floor.ts'

/** What a part of the house keeps on disks, by what it is for. */
export function foldersOf(config: Config, part: 'api' | 'worker'): Record<string, string> {
  const stores = config.STORAGE === 'local' || config.STORAGE_FALLBACK === 'local'
  return {
    ...(stores ? { storage: config.STORAGE_DIR } : {}),
    ...(part === 'worker' ? { scratch: scratchFolder(config) } : {}),
  }
}

/** How full the disks are that this process writes to, by what it keeps there. */
export function diskMeters(registry: Registry, folders: Record<string, string>): void {
  const gauge = (name: string, help: string, read: (of: Awaited<ReturnType<typeof statsOf>>) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['folder'],
      registers: [registry],
      async collect() {
        this.reset()
        for (const [folder, path] of Object.entries(folders)) {
          const stats = await statsOf(path).catch(() => undefined)
          if (stats !== undefined) this.set({ folder }, read(stats))
        }
      },
    })
  gauge(
    'sluice_disk_available_bytes',
    'Bytes that are left for us on the disk of a folder.',
    ({ bavail, bsize }) => bavail * bsize,
  )
  gauge('sluice_disk_size_bytes', 'Bytes of the whole disk of a folder.', ({ blocks, bsize }) => blocks * bsize)
}
