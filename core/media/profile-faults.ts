import type { z } from 'zod'

/** What is wrong at one place of a file. */
export type Fault = { path: string; message: string }

type Issue = z.core.$ZodIssue

/** Every fault of one value, with its path from the top of the file: `mobile.video.ladder[0].shortSide`. */
export function faultsOf(error: z.ZodError, above: readonly PropertyKey[]): Fault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, above))
}

function faultsOfIssue(issue: Issue, above: readonly PropertyKey[]): Fault[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'invalid_union') {
    // What was meant for an object is told as one; only what is neither is told to be so.
    const meant = issue.errors.find((issues) => !issues.some(isOfAnotherKind))
    if (meant) return meant.flatMap((inner) => faultsOfIssue(inner, path))
    return [{ path: pathText(path), message: `wants ${issue.errors.flat().flatMap(expected).join(' or ')}` }]
  }
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'there is no such wish' }))
  return [{ path: pathText(path), message: issue.message }]
}

const isOfAnotherKind = ({ code, path }: Issue) =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value')

function expected(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [`${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`]
  return issue.code === 'invalid_value' ? issue.values.map(String) : []
}

const pathText = (path: readonly PropertyKey[]) =>
  path.map((key, n) => (typeof key === 'number' ? `[${key}]` : `${n === 0 ? '' : '.'}${String(key)}`)).join('')
