/** A version that a worker does not start with, and why. */
export type Flaw = {
  program: 'ffmpeg' | 'sharp' | 'libwebp' | 'libvips'
  /** The first version that has it, where not all before do; and the first without. */
  from?: string
  below: string
  name: string
  what: string
}

/**
 * Flaws that a stranger's file reaches through what we let in. Distributions mend old versions under old numbers: what they
 * mend is not listed here by upstream's number, and what a list of ours closes, such as a decoder that is never opened, neither.
 */
export const knownFlaws: readonly Flaw[] = [
  {
    program: 'ffmpeg',
    below: '3.3.2',
    name: 'CVE-2017-9993',
    what: 'playlists in files of any name read files of the machine into a video',
  },
  {
    program: 'ffmpeg',
    from: '5.1',
    below: '5.1.1',
    name: 'CVE-2022-2566',
    what: 'the table of pictures of an MP4 writes past its memory',
  },
  {
    program: 'sharp',
    below: '0.35.0',
    name: 'CVE-2026-33327, -33328, -35590, -35591, -69242 (GHSA-f88m-g3jw-g9cj)',
    what: 'loaders of libvips, that for GIF among them, write past their memory',
  },
  {
    program: 'libwebp',
    below: '1.3.2',
    name: 'CVE-2023-4863',
    what: 'a WebP writes past its memory',
  },
]

/** The flaws of one version. One that is no number, as builds from git have it, is taken for new. */
export function flawsOf(program: Flaw['program'], version: string): Flaw[] {
  const numbers = numbersOf(version)
  if (numbers === undefined) return []
  const isBefore = (other: string) => compare(numbers, numbersOf(other) ?? []) < 0
  return knownFlaws.filter(
    (flaw) => flaw.program === program && isBefore(flaw.below) && !(flaw.from !== undefined && isBefore(flaw.from)),
  )
}

/** `5.1.9-0+deb12u1` and `n7.1` begin with numbers; `N-109741-gbbe95f7` does not. */
function numbersOf(version: string): number[] | undefined {
  return /^n?(\d+(?:\.\d+)+)/.exec(version)?.[1]?.split('.').map(Number)
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let n = 0; n < Math.max(a.length, b.length); n += 1) {
    const difference = (a[n] ?? 0) - (b[n] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
