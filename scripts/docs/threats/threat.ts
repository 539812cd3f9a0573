import type { ErrorCode } from '../../../core/error-codes.ts'

/** Something that is thrown at the house. A threat of several inputs has several rows. */
export type Row = {
  id: ThreatId
  input: string
  outcome: string
  code?: ErrorCode
  proof: Proof | NotYet
}

/** The file of a test, and its title as it stands there: of a table of cases with its `%s`. */
export type Proof = `${string}.${'test' | 'suite'}.ts › ${string}`
/** What is still to be built, in plain words. */
export type NotYet = { notBuilt: string }

/** Every threat there is, by its number. Numbers begin anew with each part of the house, hence the gaps. */
export const threatIds = [
  ...(['B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B7', 'B8'] as const),
  ...(['B10', 'B11', 'B12', 'B13', 'B14', 'B15', 'B16', 'B17'] as const),
  ...(['B20', 'B21', 'B22', 'B23', 'B24'] as const),
  ...(['B30', 'B31', 'B32', 'B33', 'B34', 'B35', 'B36', 'B37', 'B38', 'B39', 'B40'] as const),
  ...(['B41', 'B42', 'B43', 'B44', 'B45'] as const),
] as const

export type ThreatId = (typeof threatIds)[number]
