import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'

export type { Registry } from 'prom-client'

/** Gauges of Node that bear the ending of counters. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Where one process keeps what it measures. */
export function openRegistry(): Registry {
  return new Registry()
}

/** What every process shows of itself: memory, processor, descriptors, how late its event loop is; and which version it is. */
export function meterProcess(registry: Registry, { part, version }: { part: 'api' | 'worker'; version: string }): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 })
  for (const name of misnamed) registry.removeSingleMetric(name)
  const info = new Gauge({
    name: 'sluice_build_info',
    help: 'Always 1; says which part of Sluice this process is, and its version.',
    labelNames: ['part', 'version'],
    registers: [registry],
  })
  info.set({ part, version }, 1)
}

/** Edges of histograms in seconds: of answers, and of work that takes from moments to hours. */
export const buckets = {
  answers: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  work: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200],
}
