import type { VideoInfo } from './media-info.ts'

/** The matrix of a picture whose file does not say: players take small ones for BT.601 and large ones for BT.709. */
export function untaggedMatrix({ codedWidth, codedHeight }: Pick<VideoInfo, 'codedWidth' | 'codedHeight'>) {
  return codedHeight <= 576 && codedWidth < 1280 ? 'bt601' : 'bt709'
}
