import { make } from './dom.js'

/** @type {Map<string, Promise<void>>} */
const loading = new Map()

/** Loads a script that is no module: when it is needed first, and once. @param {string} src */
export function classic(src) {
  const before = loading.get(src)
  if (before !== undefined) return before
  const loaded = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    const script = make('script', { src })
    script.onload = () => resolve()
    script.onerror = () => {
      loading.delete(src)
      reject(new Error('A part of this page could not be loaded; try again'))
    }
    document.head.append(script)
  })
  loading.set(src, loaded)
  return loaded
}
