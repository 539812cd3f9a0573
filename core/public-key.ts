import { createPublicKey } from 'node:crypto'

/** Whether a PEM is the public half of a key that JWTs may be signed with. A private key has no business in a setting. */
export function isUsablePublicKey(pem: string): boolean {
  if (pem.includes('PRIVATE KEY')) return false
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(pem)
    if (type === 'rsa') return (details?.modulusLength ?? 0) >= 2048
    return type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1')
  } catch {
    return false
  }
}
