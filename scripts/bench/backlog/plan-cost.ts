import { z } from 'zod'

/** What Postgres went through for one statement. */
export type Cost = {
  /** Rows of tables and indexes that were looked at, kept or not. */
  rows: number
  pages: number
  ms: number
  /** Tables that were read from end to end. */
  sequential: string[]
}

type Node = {
  'Node Type': string
  'Relation Name'?: string | undefined
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number | undefined
  'Rows Removed by Index Recheck'?: number | undefined
  'Shared Hit Blocks'?: number | undefined
  'Shared Read Blocks'?: number | undefined
  Plans?: Node[] | undefined
}

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    'Node Type': z.string(),
    'Relation Name': z.string().optional(),
    'Actual Rows': z.number(),
    'Actual Loops': z.number(),
    'Rows Removed by Filter': z.number().optional(),
    'Rows Removed by Index Recheck': z.number().optional(),
    'Shared Hit Blocks': z.number().optional(),
    'Shared Read Blocks': z.number().optional(),
    Plans: z.array(node).optional(),
  }),
)
const plans = z.tuple([z.object({ Plan: node, 'Execution Time': z.number() })])

export function costOf(explained: unknown): Cost {
  const [{ Plan: root, 'Execution Time': ms }] = plans.parse(explained)
  const all = withinPlan(root)
  const scans = all.filter(
    (one) => /^(Seq|Index|Index Only|Bitmap Index|Bitmap Heap) Scan$/.test(one['Node Type']) && one['Actual Loops'] > 0,
  )
  return {
    rows: Math.round(scans.reduce((sum, scan) => sum + rowsOf(scan), 0)),
    pages: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
    ms,
    sequential: scans.flatMap((scan) => (scan['Node Type'] === 'Seq Scan' ? [scan['Relation Name'] ?? '?'] : [])),
  }
}

const withinPlan = (plan: Node): Node[] => [plan, ...(plan.Plans ?? []).flatMap(withinPlan)]

/** Postgres tells them of one loop, on average. */
const rowsOf = (scan: Node) =>
  scan['Actual Loops'] *
  (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0) + (scan['Rows Removed by Index Recheck'] ?? 0))
