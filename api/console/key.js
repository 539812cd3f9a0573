const name = 'sluice-key'

/** The API key lives in this tab alone, and never in an address. */
export const hasKey = () => sessionStorage.getItem(name) !== null

/** @param {string} key */
export const useKey = (key) => sessionStorage.setItem(name, key)

export const forgetKey = () => sessionStorage.removeItem(name)

/** @returns {Record<string, string>} */
export function authorization() {
  const key = sessionStorage.getItem(name)
  return key === null ? {} : { authorization: `Bearer ${key}` }
}
