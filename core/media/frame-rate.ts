import { parseRational, type Rational, rational, toNumber } from './rational.ts'

/** Rates that people film at: a measured average this close to one of them means it. */
const standard: Rational[] = [
  ...[24, 30, 48, 60, 120].map((rate) => ({ num: rate * 1000, den: 1001 })),
  ...[10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120].map((rate) => ({ num: rate, den: 1 })),
]
const near = (a: number, b: number, tolerance: number) => Math.abs(a / b - 1) <= tolerance

/** Not a rate anybody filmed at: a time base that leaked through, or a broken header. */
const implausible = (rate: Rational) => toNumber(rate) > 240 || toNumber(rate) < 0.01

/**
 * One rate from the container's two opinions: the average, and the lowest that fits every timestamp.
 * Where they agree the file has a constant rate and it is kept exactly; where not, the average counts.
 */
export function frameRate({ average, lowest }: { average: string | undefined; lowest: string | undefined }) {
  const avg = plausible(average)
  const low = plausible(lowest)
  if (!avg || !low) return { fps: avg ?? low, constantRate: false }
  if (near(toNumber(avg), toNumber(low), 0.000_5)) return { fps: simplest(avg, low), constantRate: true }
  return { fps: snap(avg), constantRate: false }
}

/** From counted frames: what the headers could not say. */
export function measuredRate({ frames, seconds }: { frames: number; seconds: number }): Rational | undefined {
  if (!(seconds > 0) || frames < 2) return undefined
  const rate = frames / seconds
  const exact = rational(Math.round(rate * 1000), 1000)
  return exact === undefined || implausible(exact) ? undefined : snap(exact)
}

function plausible(text: string | undefined) {
  const rate = parseRational(text)
  return rate && !implausible(rate) ? rate : undefined
}

const simplest = (a: Rational, b: Rational) => (a.num + a.den <= b.num + b.den ? a : b)

/** A measured rate becomes the standard one that it is within half a percent of, the nearest first. */
function snap(rate: Rational): Rational {
  const value = toNumber(rate)
  const [best] = standard
    .filter((known) => near(value, toNumber(known), 0.005))
    .sort((a, b) => Math.abs(toNumber(a) - value) - Math.abs(toNumber(b) - value))
  return best ?? tame(rate)
}

/** Fractions like 1090000/36251 make useless time scales; a thousandth of a frame is exact enough for a measured rate. */
function tame(rate: Rational): Rational {
  if (rate.num <= 240_000 && rate.den <= 10_000) return rate
  return rational(Math.round(toNumber(rate) * 1000), 1000) ?? rate
}

/** The rate we encode at: the source's, between 1 and the profile's cap. Over the cap it is halved and halved, so that frames drop evenly. */
export function outputRate({ fps, maxFps }: { fps: Rational | undefined; maxFps: number }): Rational {
  if (!fps) return { num: Math.min(30, maxFps), den: 1 }
  if (toNumber(fps) < 1) return { num: 1, den: 1 }
  let rate = fps
  while (toNumber(rate) > maxFps + 0.01) rate = rational(rate.num, rate.den * 2) ?? { num: 30, den: 1 }
  return rate
}
