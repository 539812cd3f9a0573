import type { Access } from './operation.ts'

export const securitySchemes = {
  key: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, `sl_…`, made by `sluice keys create`. It has scopes: assets, uploads, webhooks, admin.',
  },
  jwt: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of the host application (RS256, ES256 or EdDSA) with the claims `tenant` and `scope`.',
  },
  uploadToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'An upload token, `slu_…`, made by `POST /v1/upload-tokens`: for one upload, in a browser.',
  },
  admin: {
    type: 'http',
    scheme: 'basic',
    description: 'The user `admin` with ADMIN_PASSWORD.',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: 'METRICS_TOKEN, for Prometheus.' },
  signature: {
    type: 'apiKey',
    in: 'query',
    name: 'sig',
    description: 'The signature of an address that was handed out, beside `exp`.',
  },
} as const

type Requirement = Partial<Record<keyof typeof securitySchemes, string[]>>

/** Any one of these will do. With AUTH=none nobody is asked. */
export function securityOf(access: Access): Requirement[] {
  if (access === 'anybody') return []
  if (access === 'address') return [{ signature: [] }]
  if (access === 'uploader') return [{ key: ['uploads'] }, { jwt: ['uploads'] }, { uploadToken: [] }]
  if (access === 'operator') return [{ admin: [] }, { key: ['admin'] }, { jwt: ['admin'] }]
  if (access === 'watcher') return [{ metricsToken: [] }, { key: ['admin'] }, { jwt: ['admin'] }]
  return [{ key: [access.scope] }, { jwt: [access.scope] }]
}
