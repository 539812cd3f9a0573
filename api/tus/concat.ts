import { SluiceError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { invalid } from '../parse.ts'
import { headerOf, type TusCall } from './call.ts'

const mostParts = 1_000

/** What `Upload-Concat` says: nothing, that this is a part, or of which parts it is made, in order. */
export type Concat = undefined | 'partial' | { final: string; parts: string[] }

export function concatOf(call: Pick<TusCall, 'request' | 'house'>): Concat {
  const text = headerOf(call.request, 'upload-concat')
  if (text === undefined || text === 'partial') return text
  const [, list] = /^final;(.*)$/.exec(text) ?? []
  if (list === undefined) throw refused('wants `partial`, or `final;` and the addresses of the parts')
  const parts = list.split(' ').filter((address) => address !== '')
  if (parts.length === 0 || parts.length > mostParts) throw refused(`wants 1 to ${mostParts} parts`)
  const hosts = ownHosts(call)
  const ids = parts.map((address) => idOf(address, hosts))
  if (new Set(ids).size < ids.length) throw refused('names a part twice')
  return { final: text, parts: ids }
}

/** Addresses may be whole or relative. Ours may lie below a folder of the proxy in front of us. */
function idOf(address: string, hosts: Set<string>): string {
  const url = URL.parse(address, 'http://here')
  const [, id] = /\/v1\/tus\/([^/]+)\/?$/.exec(url?.pathname ?? '') ?? []
  if (url === null || id === undefined || !(url.host === 'here' || hosts.has(url.host)))
    throw refused('names something that is no upload of this server')
  if (!isId(id)) throw noPart(id)
  return id.toLowerCase()
}

function ownHosts({ request, house }: Pick<TusCall, 'request' | 'house'>): Set<string> {
  const said = [request.headers.host, headerOf(request, 'x-forwarded-host')?.split(',')[0]?.trim()]
  return new Set([new URL(house.config.publicUrl).host, ...said.filter((host) => host !== undefined)])
}

export const noPart = (id: string) =>
  new SluiceError('not_found', {
    message: `no partial upload ${id}`,
    publicMessage: 'There is no such partial upload.',
  })

const refused = (message: string) => invalid([{ path: 'Upload-Concat', message }])
