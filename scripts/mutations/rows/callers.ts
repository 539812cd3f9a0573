import type { Mutation } from '../mutation.ts'

const jwt = 'test/jwt.test.ts › %s is refused like every other wrong key'
const hint = 'test/no-hint.test.ts › with an id answers the same for one of another tenant as for one that never was'
const sites = 'test/origins.test.ts'

/** Who may call, what of it they see, and what a body may be: B31 to B45. */
export const callerMutations: Mutation[] = [
  {
    without: 'an end that a JWT must have',
    file: 'api/auth/jwt.ts',
    find: "requiredClaims: ['exp', 'tenant']",
    replace: "requiredClaims: ['tenant']",
    proof: jwt,
  },
  {
    without: 'the refusal of a claim that comes twice',
    file: 'api/auth/jwt.ts',
    find: 'if (isPlain(token)) return callerOf(',
    replace: 'if (true) return callerOf(',
    proof: jwt,
  },
  {
    without: 'as long a refusal of a JWT that is not even tried',
    file: 'api/auth/jwt.ts',
    find: 'if (!isAfterSignature(error)) await asLongAsASignature()',
    replace: '',
    proof: 'test/no-hint.test.ts › tells nothing of what was wrong',
  },
  {
    without: 'the end of revoked keys',
    file: 'core/db/keys.ts',
    find: ".where('revoked_at', 'is', null)",
    replace: '',
    proof: 'test/access.test.ts › that is revoked soon opens nothing, in a process that has just used it',
  },
  {
    without: 'the tenant in the search for an asset',
    file: 'core/db/assets.ts',
    find: `export async function findAsset(
  db: Database | Trx,
  { id, tenant }: { id: string; tenant: string },
): Promise<Asset | undefined> {
  return db
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', id)
    .where('tenant', '=', tenant)`,
    replace: `export async function findAsset(
  db: Database | Trx,
  { id }: { id: string; tenant: string },
): Promise<Asset | undefined> {
  return db
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', id)`,
    proof: hint,
  },
  {
    without: 'the time of an upload token',
    file: 'core/db/upload-tokens.ts',
    find: "eb('upload_tokens.expires_at', '>', sql<Date>`now()`)",
    replace: "eb('upload_tokens.id', 'is not', null)",
    proof: 'test/access.test.ts › whose time is over is refused like a wrong key',
  },
  {
    without: 'the scope that a call wants',
    file: 'api/auth/authenticate.ts',
    find: "if (wanted.some((scope) => caller.scopes.includes(scope)) || caller.scopes.includes('admin')) return caller",
    replace: 'return caller',
    proof: 'test/tus-tenants.test.ts › wants a key that may upload',
  },
  {
    without: 'the look at the Host of a call without keys',
    file: 'api/auth/local-only.ts',
    find: 'if (isOurOwnName(host) && (',
    replace: 'if ((',
    proof: `${sites} › nothing else may: not %j`,
  },
  {
    without: 'the look at the Origin of a call without keys',
    file: 'api/auth/local-only.ts',
    find: 'const sameOrigin = origin === undefined || URL.parse(origin)?.host === host.toLowerCase()',
    replace: 'const sameOrigin = true',
    proof: `${sites} › no page of %s may`,
  },
  {
    without: 'the comparison of a mark with its asset',
    file: 'core/storage/asset-signature.ts',
    find: 'given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))',
    replace: 'given.length === expected.length',
    proof:
      'test/private.suite.ts › answers every wrong signature like something that never was: the same words, headers and questions to the database',
  },
  {
    without: 'the end of a mark',
    file: 'core/storage/asset-signature.ts',
    find: 'return holds && until > options.now ? until : undefined',
    replace: 'return holds ? until : undefined',
    proof:
      'test/private.suite.ts › answers every wrong signature like something that never was: the same words, headers and questions to the database',
  },
  {
    without: 'the refusal of a key that stood for another request',
    file: 'api/once/begin.ts',
    find: 'if (requestHash && found?.requestHash && !found.requestHash.equals(requestHash)) throw keyReused()',
    replace: '',
    proof: 'test/once.test.ts › says so when the key stood for another request: by its body or by its path',
  },
  {
    without: 'the tenant and scopes that an Idempotency-Key belongs to',
    file: 'api/once/once.ts',
    find: 'JSON.stringify([tenant, [...scopes].sort(), uploadToken?.id ?? null])',
    replace: "'all'",
    proof: 'test/once.test.ts › are apart: another tenant’s, and those of whoever may do other things',
  },
  {
    without: 'one at a time past the quotas of a tenant',
    file: 'core/db/quotas.ts',
    find: 'await sql`SELECT pg_advisory_xact_lock(',
    replace: 'await sql`SELECT abs(',
    proof: 'test/quotas.test.ts › of stored bytes lets in exactly what fits, however many come at once',
  },
  {
    without: 'the refusal of names that come twice in JSON',
    file: 'core/strict-json.ts',
    find: 'if (names?.has(name))',
    replace: 'if (false)',
    proof: 'core/strict-json.test.ts › refuses %s',
  },
  {
    without: 'the bound on how deep JSON is nested',
    file: 'core/strict-json.ts',
    find: 'if (open.length > mostDeep)',
    replace: 'if (open.length > 1e9)',
    proof: 'core/strict-json.test.ts › refuses %s',
  },
  {
    without: 'the refusal of encoded bodies',
    file: 'api/plain-requests.ts',
    find: "if (encoding.trim().toLowerCase() !== 'identity')",
    replace: 'if (false)',
    proof: 'test/bodies.test.ts › of the body is refused, and never kept as the file: %s',
  },
  {
    without: 'the refusal of two hosts',
    file: 'api/plain-requests.ts',
    find: 'if (hostsOf(request) > 1)',
    replace: 'if (false)',
    proof: 'test/bodies.test.ts › of two hosts is refused',
  },
  {
    without: 'the word of a completion that another forestalled',
    file: 'api/routes/uploads.ts',
    find: " || asset.status === 'cancelled'",
    replace: '',
    proof:
      'test/chunks/ending.suite.ts › that is given up in the moment in which it is completed is not said to be complete',
    in: 'test/chunks.test.ts',
  },
]
