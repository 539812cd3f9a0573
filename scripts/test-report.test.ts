import { expect, test } from 'vitest'
import { tally } from './test-report.ts'

const file = (status: string, tests: [name: string, status: string][]) => ({
  name: '/a.test.ts',
  status,
  assertionResults: tests.map(([fullName, one]) => ({ fullName, status: one })),
})

test('passed and failed tests are counted, skipped ones named', () => {
  const json = {
    testResults: [
      file('failed', [
        ['a', 'passed'],
        ['b', 'failed'],
        ['c', 'skipped'],
        ['d', 'todo'],
      ]),
    ],
  }
  expect(tally({ json, exitCode: 1 })).toEqual({ passed: 1, failed: 1, skipped: ['c', 'd'] })
})

test('a file that breaks before its tests is a failure, and so is a run that fails outside of its files', () => {
  expect(tally({ json: { testResults: [file('failed', [])] }, exitCode: 1 }).failed).toBe(1)
  expect(tally({ json: { testResults: [file('passed', [['a', 'passed']])] }, exitCode: 1 })).toMatchObject({
    passed: 1,
    failed: 1,
  })
})
