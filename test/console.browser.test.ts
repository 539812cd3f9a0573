import { afterAll, beforeAll } from 'vitest'
import { consoleAccess } from './console/access.ts'
import { consoleDesk, type Desk } from './console/desk.ts'
import { consoleDetails } from './console/details.ts'
import { consoleKeys } from './console/keys.ts'
import { consoleList } from './console/list.ts'
import { consoleLooks } from './console/looks.ts'
import { consoleUploads } from './console/uploads.ts'
import { consoleWatching } from './console/watching.ts'

let desk: Desk
beforeAll(async () => {
  desk = await consoleDesk()
})
afterAll(() => desk?.close())

// One house and one browser for all of them; in this order, since the first of them see it empty.
for (const tests of [
  consoleWatching,
  consoleDetails,
  consoleUploads,
  consoleList,
  consoleKeys,
  consoleLooks,
  consoleAccess,
])
  tests(() => desk)
