import { SluiceError } from '../../core/errors.ts'
import type { Render, Size } from '../../core/media/renders.ts'
import { placeOf, type Sheet } from '../../core/media/storyboard-sheets.ts'
import { encodePicture, measureImage } from '../edges/image-encode.ts'
import type { Rendered } from '../edges/image-render.ts'
import { decodePicture, type Picture } from '../edges/sharp.ts'
import { defaultImageLimits } from '../edges/sharp-setup.ts'
import { bytesOf, readPictures, type TilePicture } from './storyboard-pictures.ts'

type Options = { sheet: Sheet; size: Size; pictures: readonly TilePicture[] }

/** One sprite as a JPEG, which was read back to the last pixel. */
export async function renderSheet({ sheet, size, pictures }: Options): Promise<Rendered> {
  const render: Render = {
    ...{ role: 'storyboard', name: sheet.file.replace(/\.jpg$/, ''), file: `storyboard/${sheet.file}` },
    ...{ format: 'jpeg', fit: 'exact', quality: 70, width: sheet.width, height: sheet.height },
  }
  const picture = await paste({ sheet, size, pictures })
  const { bytes } = await encodePicture({ picture, render, timeoutSeconds: defaultImageLimits.timeoutSeconds })
  const decoded = await decodePicture({ bytes, limits: defaultImageLimits })
  if (decoded.width !== sheet.width || decoded.height !== sheet.height) {
    throw new SluiceError('output_invalid', {
      message: `${sheet.file} decodes to ${decoded.width}x${decoded.height}, planned was ${sheet.width}x${sheet.height}`,
    })
  }
  return { render, bytes, ...(await measureImage(bytes)) }
}

async function paste({ sheet, size, pictures }: Options): Promise<Picture> {
  const { width, height, firstTile, tiles } = sheet
  const data = Buffer.alloc(width * height * 3)
  const shown = pictures.slice(firstTile, firstTile + tiles)
  for (const [n, pixels] of (await readPictures(shown, bytesOf(size))).entries()) {
    const { x, y } = placeOf({ sheet, tile: firstTile + n, size })
    const line = size.width * 3
    for (let row = 0; row < size.height; row++) {
      pixels.copy(data, ((y + row) * width + x) * 3, row * line, (row + 1) * line)
    }
  }
  return { data, width, height, channels: 3 }
}
