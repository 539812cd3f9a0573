import { z } from 'zod'

/** ffprobe writes most numbers as text, and `N/A` or nonsense where it does not know: those become undefined. */
const number = z
  .union([z.string(), z.number()])
  .optional()
  .catch(undefined)
  .transform((value) => {
    const parsed = value === undefined || value === '' ? Number.NaN : Number(value)
    return Number.isFinite(parsed) ? parsed : undefined
  })
const text = z.string().max(4096).optional().catch(undefined)
const flags = z.record(z.string(), z.number()).optional().catch(undefined)
const tags = z.record(z.string(), z.unknown()).optional().catch(undefined)

const sideData = z.looseObject({
  side_data_type: text,
  rotation: number,
  displaymatrix: text,
  dv_profile: number,
  dv_bl_signal_compatibility_id: number,
})

export const streamSchema = z.looseObject({
  index: z.int().nonnegative(),
  codec_type: text,
  codec_name: text,
  codec_tag_string: text,
  width: number,
  height: number,
  sample_aspect_ratio: text,
  pix_fmt: text,
  bits_per_raw_sample: number,
  color_range: text,
  color_space: text,
  color_transfer: text,
  color_primaries: text,
  field_order: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  start_time: number,
  duration: number,
  nb_frames: number,
  sample_rate: number,
  channels: number,
  disposition: flags,
  tags,
  side_data_list: z.array(sideData).optional().catch(undefined),
})

export const probeSchema = z.looseObject({
  streams: z.array(streamSchema).default([]),
  format: z
    .looseObject({ format_name: text, start_time: number, duration: number, bit_rate: number, tags })
    .optional()
    .catch(undefined),
})

export type ProbedStream = z.infer<typeof streamSchema>
export type Probed = z.infer<typeof probeSchema>
