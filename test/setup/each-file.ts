import { afterAll } from 'vitest'
import { runLasts } from './at-end.ts'
import { waitPatiently } from './patience.ts'

waitPatiently()
// Registered before any hook of the file itself, and therefore run after them.
afterAll(runLasts)
