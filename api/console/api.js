/** @import { Asset, Page, Upload } from './types.d.ts' */

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

const keyName = 'sluice-key'

/** @returns {Record<string, string>} */
function authorization() {
  const key = sessionStorage.getItem(keyName)
  return key === null ? {} : { authorization: `Bearer ${key}` }
}

/** @param {string} key */
export const useKey = (key) => sessionStorage.setItem(keyName, key)

export const hasKey = () => sessionStorage.getItem(keyName) !== null

/** @param {{ cursor: string | undefined, limit: number }} options @returns {Promise<Page>} */
export async function listAssets({ cursor, limit }) {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor === undefined ? {} : { cursor }) })
  const { body, date } = await call(`/v1/assets?${query}`, { headers: authorization() })
  return { ...body, serverTime: date }
}

/** @param {string} url @returns {Promise<Asset>} */
export async function createFromAddress(url) {
  const headers = { ...authorization(), 'content-type': 'application/json' }
  const { body } = await call('/v1/assets', {
    method: 'POST',
    headers,
    body: JSON.stringify({ source: { url } }),
  })
  return body
}

/** @param {string} path @param {RequestInit} init */
async function call(path, init) {
  const { response, text } = await exchange(path, init)
  if (!response.ok) throw problem({ status: response.status, text })
  const date = Date.parse(response.headers.get('date') ?? '')
  return { body: JSON.parse(text), date: Number.isNaN(date) ? undefined : date }
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

/** @param {{ status: number, text: string }} answer */
function problem({ status, text }) {
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

/**
 * Sends a file as a form. XMLHttpRequest, because fetch cannot say how much of a body has left.
 * @param {{ file: File, onProgress: (sent: number) => void }} options
 * @returns {Upload}
 */
export function sendFile({ file, onProgress }) {
  const request = new XMLHttpRequest()
  const done = new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ code, /** @type {string} */ message) => reject(new ApiError({ code, message }))
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onabort = () => fail('cancelled', 'The upload was cancelled')
    request.onerror = () => fail('upload_interrupted', 'The connection broke before all bytes arrived')
    request.onload = () => {
      const asset = parsed(request.responseText)
      if (request.status === 202 && typeof asset.id === 'string') resolve(asset)
      else reject(problem({ status: request.status, text: request.responseText }))
    }
  })
  request.open('POST', '/v1/assets')
  for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value)
  const form = new FormData()
  form.append('file', file, file.name)
  request.send(form)
  return { done, abort: () => request.abort() }
}
