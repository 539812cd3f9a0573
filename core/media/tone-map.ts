import type { Hdr } from './media-info.ts'
import type { Size } from './renders.ts'

type Light = Exclude<Hdr, false>
type Rgb = readonly [number, number, number]

/** How a table of HDR to SDR is called, in the folder that ffmpeg works in. */
export const toneTables = { pq: 'tone-pq.cube', hlg: 'tone-hlg.cube' } as const

/**
 * HDR to SDR in RGB, by a table of ours: every ffmpeg has these filters, not every one has `zscale`, and a table costs
 * less than light in floating point. Scaled first, because it costs by the pixel.
 */
export function toneMapFilters({
  light,
  size,
  range = 'tv',
}: {
  light: Light
  size: Size
  range?: 'tv' | 'pc'
}): string[] {
  return [
    `scale=${size.width}:${size.height}:flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=bt2020:in_range=${range}`,
    ...['format=gbrp12', `lut3d=file=${toneTables[light]}:interp=tetrahedral`],
  ]
}

/** White of SDR, in candela per square metre (BT.2408), and the brightest that is told apart. */
const [white, brightest] = [203, 1000]

const [m1, m2, c1, c2, c3] = [0.159_301_757_812_5, 78.843_75, 0.835_937_5, 18.851_562_5, 18.6875]
/** SMPTE 2084: code to light, and back. */
const pqLight = (code: number) => {
  const root = code ** (1 / m2)
  return 10_000 * (Math.max(0, root - c1) / (c2 - c3 * root)) ** (1 / m1)
}
const pqCode = (light: number) => {
  const power = (Math.max(0, light) / 10_000) ** m1
  return ((c1 + c2 * power) / (1 + c3 * power)) ** m2
}

/** ARIB STD-B67: the light of the scene, and that of a screen of 1000 cd/m², whose gamma makes up for bright rooms. */
function hlgLight(codes: Rgb): Rgb {
  const scene = map(codes, (code) =>
    code <= 0.5 ? code ** 2 / 3 : (Math.exp((code - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12,
  )
  const gain = 1000 * luminance(scene) ** 0.2
  return map(scene, (value) => value * gain)
}

const luminance = ([red, green, blue]: Rgb) => 0.2627 * red + 0.678 * green + 0.0593 * blue

/** The roll-off of BT.2390: nothing changes up to a knee, and all that is above shares the rest up to white. */
function rolledOff(light: number): number {
  const scale = pqCode(brightest)
  const top = pqCode(white) / scale
  const knee = 1.5 * top - 0.5
  const code = Math.min(1, pqCode(light) / scale)
  if (code <= knee) return light
  const t = (code - knee) / (1 - knee)
  const [t2, t3] = [t ** 2, t ** 3]
  const rolled = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * top
  return pqLight(rolled * scale)
}

/** The primaries of BT.2020 as amounts of those of BT.709. */
const narrower: readonly Rgb[] = [
  [1.660_491, -0.587_641, -0.072_85],
  [-0.124_55, 1.132_9, -0.008_349],
  [-0.018_151, -0.100_579, 1.118_73],
]

/** What BT.709 cannot show becomes paler, and not another colour. */
function inGamut(colour: Rgb): Rgb {
  const grey = Math.min(1, Math.max(0, 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]))
  const reach = colour.map((value) => (value > 1 ? (1 - grey) / (value - grey) : value < 0 ? grey / (grey - value) : 1))
  const keep = Math.min(1, ...reach)
  return map(colour, (value) => grey + (value - grey) * keep)
}

/** What a colour in HDR code values is in SDR ones. */
export function toSdr(codes: Rgb, light: Light): Rgb {
  const lit = light === 'pq' ? map(codes, pqLight) : hlgLight(codes)
  const most = Math.max(...lit)
  const gain = most > 0 ? rolledOff(most) / most / white : 0
  const shown = map(lit, (value) => value * gain)
  const [red, green, blue] = narrower.map((row) => row[0] * shown[0] + row[1] * shown[1] + row[2] * shown[2])
  return map(inGamut([red ?? 0, green ?? 0, blue ?? 0]), (value) => Math.min(1, Math.max(0, value)) ** (1 / 2.4))
}

const map = ([red, green, blue]: Rgb, change: (value: number) => number): Rgb => [
  change(red),
  change(green),
  change(blue),
]

/** The table as a .cube file, red running fastest. */
export function toneTable(light: Light, points = 33): string {
  const steps = Array.from({ length: points }, (_, n) => n / (points - 1))
  const lines = steps.flatMap((blue) =>
    steps.flatMap((green) =>
      steps.map((red) =>
        toSdr([red, green, blue], light)
          .map((value) => value.toFixed(5))
          .join(' '),
      ),
    ),
  )
  return [`LUT_3D_SIZE ${points}`, ...lines, ''].join('\n')
}
