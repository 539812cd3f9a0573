/** What a key, or a token of the host application, may be for. `admin` covers the others. */
export const scopes = ['assets', 'uploads', 'webhooks', 'admin'] as const
export type Scope = (typeof scopes)[number]
