import { authorization } from './key.js'

/** What the API refused, in its own words, or that it could not be reached. */
export class ApiError extends Error {
  /** @param {{ message: string, code: string, status?: number }} options */
  constructor({ message, code, status }) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.status = status
  }
}

/**
 * One call of the API, with the key of this tab. An answer without a body is undefined.
 * @param {string} path
 * @param {{ method?: string, body?: unknown }} [options]
 */
export async function call(path, { method = 'GET', body } = {}) {
  const headers = { ...authorization(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const { response, text } = await exchange(path, init)
  if (!response.ok) throw problem({ status: response.status, text })
  const date = Date.parse(response.headers.get('date') ?? '')
  return { body: text === '' ? undefined : JSON.parse(text), date: Number.isNaN(date) ? undefined : date }
}

/** @param {string} path @param {RequestInit} init */
async function exchange(path, init) {
  try {
    const response = await fetch(path, init)
    return { response, text: await response.text() }
  } catch (cause) {
    throw new ApiError({ code: 'unreachable', message: `Sluice does not answer (${cause})` })
  }
}

/** A refusal as the API words it. @param {{ status: number, text: string }} answer */
export function problem({ status, text }) {
  const said = parsed(text)
  const fields = Array.isArray(said.errors)
    ? said.errors.map((/** @type {{ path: string, message: string }} */ one) => `${one.path} ${one.message}`)
    : []
  const message = [said.detail ?? `Sluice answered ${status}`, ...fields].join('; ')
  return new ApiError({ status, code: said.code ?? `http_${status}`, message })
}

/** A proxy on the way may answer in something other than JSON. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
