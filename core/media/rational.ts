/** An exact fraction, always in lowest terms with a positive denominator: frame rates and pixel shapes are never floats. */
export type Rational = { num: number; den: number }

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Undefined for anything that is not a positive fraction of safe integers. */
export function rational(num: number, den = 1): Rational | undefined {
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den) || num <= 0 || den <= 0) return undefined
  const common = gcd(num, den)
  return { num: num / common, den: den / common }
}

/** Reads `30000/1001` and `64:45`; `0/0`, `N/A` and the like are undefined. */
export function parseRational(text: string | undefined): Rational | undefined {
  const [, num, den] = /^(\d{1,15})[/:](\d{1,15})$/.exec(text ?? '') ?? []
  return num === undefined || den === undefined ? undefined : rational(Number(num), Number(den))
}

export const toNumber = ({ num, den }: Rational) => num / den
export const formatRational = ({ num, den }: Rational) => `${num}/${den}`

/** The length of so many frames, in seconds. */
export const framesToSeconds = (frames: number, fps: Rational) => (frames * fps.den) / fps.num
