import type { Growing } from './growing.ts'

const notYet = () => Promise.reject(new Error('growing objects are not built yet'))

/** Stands in until both drivers grow. */
export const growNothing: Growing = { begin: notYet, append: notYet, seal: notYet, discard: notYet }
