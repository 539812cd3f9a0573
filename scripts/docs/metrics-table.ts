import { apiMeters } from '../../api/metrics/api-meters.ts'
import { diskMeters } from '../../core/metrics/disk-meters.ts'
import { openRegistry, type Registry } from '../../core/metrics/registry.ts'
import { storageMeters } from '../../core/metrics/storage-meters.ts'
import { workerMeters } from '../../workers/meters.ts'
import { table } from './table.ts'

type Shown = { name: string; type: string; labels: string[]; help: string; by: string[] }

/** Every metric of ours, made as the processes make them. */
export function allMetrics(): Shown[] {
  const [api, worker] = [openRegistry(), openRegistry()]
  apiMeters(api)
  workerMeters(worker)
  for (const registry of [api, worker]) {
    storageMeters(registry)
    diskMeters(registry, {})
  }
  const shown = new Map<string, Shown>()
  for (const [by, registry] of [['API', api] as const, ['worker', worker] as const])
    for (const one of described(registry)) {
      const before = shown.get(one.name)
      if (before === undefined) shown.set(one.name, { ...one, by: [by] })
      else before.by.push(by)
    }
  return [...shown.values()].sort((a, b) => a.name.localeCompare(b.name))
}

/** What prom-client knows of a metric; its types keep the labels to themselves. */
const described = (registry: Registry) =>
  registry.getMetricsAsArray().map((metric) => {
    const { name, help, type, labelNames } = metric as typeof metric & { type: string; labelNames: string[] }
    return { name, help, type, labels: labelNames }
  })

export function metricsTable(): string {
  return table({
    head: ['metric', 'kind', 'labels', 'shown by', 'says'],
    rows: allMetrics().map(({ name, type, labels, by, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      by.join(', '),
      help,
    ]),
  })
}
