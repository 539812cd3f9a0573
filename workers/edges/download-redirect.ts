import { SluiceError } from '../../core/errors.ts'
import { type Allow, checkUrl } from '../../core/net/url.ts'

/** Where a redirect leads, judged as if it were the first address, and never from https down to http. */
export function redirectTarget(from: URL, location: string, allow: Allow): URL {
  const to = URL.parse(location, from.href)
  if (!to) throw new SluiceError('source_invalid_response', { message: `${from.host} redirects to what is no address` })
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new SluiceError('url_not_allowed', { message: `${from.host} redirects from https to http` })
  return checkUrl(to.href, { allow })
}
