import { crc32, deflateSync } from 'node:zlib'
import type { Size } from '../../core/media/renders.ts'

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const colourTypes = { 3: 2, 4: 6 } as const

/** Pixels as an uncompressed PNG that bears a colour profile: sharp takes profiles with files alone, not with bare pixels. */
export function plainPng(picture: Size & { data: Buffer; channels: 3 | 4 }, icc: Buffer): Buffer {
  const { data, width, height, channels } = picture
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, colourTypes[channels]], 8)
  const stride = width * channels
  // Each row is led by the number of its filter: none.
  const rows = Buffer.alloc((stride + 1) * height)
  for (let row = 0; row < height; row += 1) data.copy(rows, row * (stride + 1) + 1, row * stride, (row + 1) * stride)
  const profile = Buffer.concat([Buffer.from('p\0\0', 'latin1'), deflateSync(icc)])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('iCCP', profile),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
