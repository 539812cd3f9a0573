import type { Rational } from './rational.ts'

export type Turn = { rotation: 0 | 90 | 180 | 270; mirrored: boolean }

/** A quarter turn, clockwise, from the display matrix as ffprobe prints it; anything that is not a quarter turn is rounded to one. */
export function turnOf({
  displaymatrix,
  rotation,
}: {
  displaymatrix?: string | undefined
  rotation?: number | undefined
}): Turn {
  const rows = [...(displaymatrix ?? '').matchAll(/^\s*[0-9a-f]{8}:\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)/gm)]
  const [a, b, c, d] = [rows[0]?.[1], rows[0]?.[2], rows[1]?.[1], rows[1]?.[2]].map(Number)
  const mirrored = [a, b, c, d].every(Number.isFinite) && Number(a) * Number(d) - Number(b) * Number(c) < 0
  // ffprobe's angle is anticlockwise, and means nothing for a mirrored picture.
  const angle = mirrored ? (Math.atan2(Number(b), Number(a)) * 180) / Math.PI : -(rotation ?? 0)
  return { rotation: quarter(angle), mirrored }
}

function quarter(degrees: number): Turn['rotation'] {
  if (!(Math.abs(degrees) <= 360)) return 0
  const turned = ((Math.round(degrees / 90) % 4) + 4) % 4
  return turned === 1 ? 90 : turned === 2 ? 180 : turned === 3 ? 270 : 0
}

/** The size on screen: stored pixels stretched to their true shape, then turned. */
export function displaySize(options: { width: number; height: number; sar: Rational; rotation: Turn['rotation'] }) {
  const { width, height, sar, rotation } = options
  const stretched = Math.max(1, Math.round((width * sar.num) / sar.den))
  return rotation % 180 === 0 ? { width: stretched, height } : { width: height, height: stretched }
}
