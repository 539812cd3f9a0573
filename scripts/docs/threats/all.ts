import { addressThreats } from './addresses.ts'
import { callerThreats } from './callers.ts'
import { doorThreats } from './doors.ts'
import { houseThreats } from './house.ts'
import { mediaThreats } from './media.ts'
import { pictureThreats } from './pictures.ts'
import type { Row } from './threat.ts'

/** Every threat, by the part of the house it is thrown at. */
export const threats: Record<'addresses' | 'media' | 'pictures' | 'doors' | 'house', Row[]> = {
  addresses: addressThreats,
  media: mediaThreats,
  pictures: pictureThreats,
  doors: [...doorThreats, ...callerThreats],
  house: houseThreats,
}
