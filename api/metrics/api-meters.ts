import type { Registry } from '../../core/metrics/registry.ts'
import { type HouseGauges, houseGauges } from './house-gauges.ts'
import { type HttpMeters, httpMeters } from './http-meters.ts'

export type ApiMeters = HttpMeters & { registry: Registry; gauges: HouseGauges }

export const apiMeters = (registry: Registry): ApiMeters => ({
  registry,
  ...httpMeters(registry),
  gauges: houseGauges(registry),
})
