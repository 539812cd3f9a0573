/** Tenants are part of storage keys and of addresses, so they are plain slugs. */
export const tenantPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

export const isTenant = (text: string) => tenantPattern.test(text)
