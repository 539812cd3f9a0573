import type { Config } from './config.ts'
import { signingSecretOf } from './signing-secret.ts'
import { signAsset } from './storage/asset-signature.ts'
import { type AssetRef, checkKey, encodeKey } from './storage/keys.ts'

/** In seconds. */
export const signedFor = { least: 60, usual: 3600, most: 7 * 86_400 }

/** The addresses of one asset's files that anybody may read until they expire, in place of its lasting ones. */
export function signedAddresses(options: {
  config: Pick<Config, 'publicUrl' | 'SIGNING_SECRET'>
  asset: AssetRef
  expiresAt: Date
}): { publicUrl(key: string): string } {
  const { config, asset, expiresAt } = options
  const mark = signAsset({ asset, secret: signingSecretOf(config), expiresAt })
  return { publicUrl: (key) => `${config.publicUrl}/media/${mark}/${encodeKey(checkKey(key))}` }
}
