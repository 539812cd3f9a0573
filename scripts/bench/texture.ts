import sharp from 'sharp'

type Size = { width: number; height: number }

/** Always the same numbers for the same seed: a run is compared with the last one. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Random grey, enlarged smoothly from a coarse grid. */
async function octave({ width, height, cell, random }: Size & { cell: number; random: () => number }) {
  const [w, h] = [Math.ceil(width / cell) + 1, Math.ceil(height / cell) + 1]
  const pixels = Buffer.from(Uint8Array.from({ length: w * h * 3 }, () => random() * 256))
  const options = { raw: { width: w, height: h, channels: 3 } } as const
  return sharp(pixels, options).resize(width, height, { fit: 'fill', kernel: 'cubic' }).raw().toBuffer()
}

/** A picture with detail at every size, as landscapes and faces have it: octaves of noise, the finer the fainter. */
export async function writeTexture({ file, seed, width, height }: Size & { file: string; seed: number }) {
  const random = randomFrom(seed)
  const sum = new Float32Array(width * height * 3)
  let strength = 1
  let total = 0
  for (let cell = 512; cell >= 2; cell /= 2) {
    const layer = await octave({ width, height, cell, random })
    for (let n = 0; n < sum.length; n++) sum[n] = (sum[n] ?? 0) + strength * ((layer[n] ?? 0) - 128)
    total += strength * strength
    strength *= 0.62
  }
  const scale = 1 / Math.sqrt(total)
  const pixels = Buffer.from(Uint8ClampedArray.from(sum, (value) => 128 + value * scale))
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toFile(file)
}
