import { z } from 'zod'

export type Tally = { passed: number; failed: number; skipped: string[] }

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
})

/** Counts vitest's JSON report. A file that failed outside its tests counts as one failure, a run that failed outside its files too. */
export function tally({ json, exitCode }: { json: unknown; exitCode: number }): Tally {
  const files = report.parse(json).testResults
  const tests = files.flatMap((file) => file.assertionResults)
  const passed = tests.filter((test) => test.status === 'passed').length
  const broken = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = tests.filter((test) => test.status === 'failed').length + broken.length
  const skipped = tests.filter((test) => !['passed', 'failed'].includes(test.status)).map((test) => test.fullName)
  return { passed, failed: exitCode !== 0 && failed === 0 ? 1 : failed, skipped }
}
