import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Curve, drawPanels } from './dashboard/draw-panels.ts'

/** Asks a Prometheus for what every panel of the dashboard shows, says which are empty, and may draw them all on a page. */
const { values } = parseArgs({
  options: {
    prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
    minutes: { type: 'string', default: '15' },
    html: { type: 'string' },
  },
})

const board = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).optional(),
    }),
  ),
})
const answer = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), values: z.array(z.tuple([z.number(), z.string()])) }),
    ),
  }),
})

async function ask(expr: string): Promise<z.infer<typeof answer>['data']['result']> {
  const end = Date.now() / 1000
  const span = Number(values.minutes) * 60
  const query = new URLSearchParams({ query: expr, start: `${end - span}`, end: `${end}`, step: `${span / 60}` })
  const response = await fetch(`${values.prometheus}/api/v1/query_range?${query}`)
  return answer.parse(await response.json()).data.result
}

const file = fileURLToPath(new URL('../deploy/grafana/dashboards/sluice.json', import.meta.url))
const drawn: { title: string; curves: Curve[] }[] = []
const empty: string[] = []
for (const { title, targets = [] } of board.parse(JSON.parse(await readFile(file, 'utf8'))).panels) {
  const curves: Curve[] = []
  for (const { expr, legendFormat } of targets) {
    const found = await ask(expr)
    if (found.length === 0) empty.push(`${title}: ${expr}`)
    for (const { metric, values: points } of found)
      curves.push({
        name: legendFormat.replace(/\{\{(\w+)\}\}/g, (_all, label: string) => metric[label] ?? ''),
        points: points.map(([at, value]) => [at, Number(value)] as const),
      })
  }
  drawn.push({ title, curves })
  if (targets.length > 0) console.log(`${String(curves.length).padStart(3)} series  ${title}`)
}
for (const one of empty) console.log(`nothing for ${one}`)
if (values.html !== undefined) await writeFile(values.html, drawPanels(drawn))
process.exitCode = empty.length > 0 ? 1 : 0
