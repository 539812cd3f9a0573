import type { Mutation } from '../mutation.ts'

const protocol = 'test/tus-protocol.test.ts'
const faults = 'test/tus-faults.test.ts'
const tenants = 'test/tus-tenants.test.ts'
const trouble = 'test/tus-trouble.test.ts'

/** Resumable uploads: nothing overwritten, nothing counted that is not safe, nobody in another's. */
export const tusMutations: Mutation[] = [
  {
    without: 'the lock that all processes share',
    file: 'api/tus/locker.ts',
    find: 'if (!needsLock(call)) return',
    replace: 'return',
    proof: `${trouble} › do so one after the other: the second begins when the first has let go`,
  },
  {
    without: 'the request to the holder of a lock to let go',
    file: 'api/tus/locker.ts',
    find: 'onWanted: () => letGo(call)',
    replace: 'onWanted: () => undefined',
    proof: `${faults} › one wins: a request that fell silent lets go, and what it sends later changes nothing`,
  },
  {
    without: 'the fence against a writer that wakes up late',
    file: 'core/db/uploads.ts',
    find: ".where('writer', '=', progress.writer)",
    replace: '',
    proof: `${trouble} › a writer that lost its lock and wakes up late changes nothing`,
  },
  {
    without: 'a new file where the last writer did not say goodbye',
    file: 'api/tus/receive.ts',
    find: 'fresh: !clean,',
    replace: '',
    proof: `${trouble} › a writer that lost its lock and wakes up late changes nothing`,
  },
  {
    without: 'the offset that a PATCH names, asked of the row under the lock',
    file: 'api/tus/receive.ts',
    find: 'if (upload.received !== offset) throw movedOn(upload)',
    replace: '',
    proof: `${trouble} › a request that lost its lock before its first byte does not write at an offset that is over`,
  },
  {
    without: 'the comparison with the checksum',
    file: 'api/tus/receive.ts',
    find: 'if (checksum !== undefined && !checksum.matches())',
    replace: 'if (false)',
    proof: `${protocol} › by %s counts when it is right, and nothing of the body when it is not`,
  },
  {
    without: 'bytes that count for nothing before their checksum is known',
    file: 'api/tus/receive.ts',
    find: '...(checksum ? {} : {',
    replace: '...({',
    proof: `${trouble} › of a body with a checksum nothing counts before its end`,
  },
  {
    without: 'the least that a body may be longer than its upload: nothing',
    file: 'api/tus/receive.ts',
    find: 'return { growth: tooLong ? safe : growth, failure }',
    replace: 'return { growth, failure }',
    proof: `${protocol} › that turns out longer than the upload does not make it whole`,
  },
  {
    without: 'the end of uploads to which nothing came for long',
    file: 'core/db/uploads.ts',
    find: "WHEN uploads.status = 'open' AND uploads.expires_at < now() THEN 'gone'",
    replace: '',
    proof: `${protocol} › comes when nothing has come for long, counted from the last byte`,
  },
  {
    without: 'a life that is counted from the last byte',
    file: 'core/db/uploads.ts',
    find: 'expires_at: expiry(progress.ttlSeconds),',
    replace: '',
    proof: `${protocol} › comes when nothing has come for long, counted from the last byte`,
  },
  {
    without: 'an end that comes with the asset’s',
    file: 'core/db/uploads.ts',
    find: "WHEN assets.deleted_at IS NOT NULL OR assets.status = 'cancelled' THEN 'gone'",
    replace: '',
    proof: `${protocol} › by its asset is the same`,
  },
  {
    without: 'the seal before any task',
    file: 'core/uploads/finish-upload.ts',
    find: 'await storage.growing.seal(parseGrowth(upload.growth), { fresh: upload.writer !== null })',
    replace: '{ ...parseGrowth(upload.growth), storage }',
    proof: `${trouble} › that is away in the very end lets the upload be finished by whoever asks next`,
  },
  {
    without: 'an upload that ends but once',
    file: 'core/db/uploads.ts',
    find: `.where('id', '=', id)
    .where('status', '=', 'open')
    .returningAll()
    .executeTakeFirst()
}

/** Comes`,
    replace: `.where('id', '=', id)
    .returningAll()
    .executeTakeFirst()
}

/** Comes`,
    proof: 'workers/upkeep/uploads.test.ts › is finished once, though two finish it in the same moment',
  },
  {
    without: 'the refusal of GET',
    file: 'api/tus/serve.ts',
    find: 'if (method !== undefined && allowed.includes(method)) return method',
    replace: "if (request.method !== 'PUT') return method ?? 'HEAD'",
    proof: `${protocol} › GET nothing, ever`,
  },
  {
    without: 'the disk’s own word that it has the bytes',
    file: 'core/storage/local-tail.ts',
    find: 'if (fault === undefined) await Promise.all([datasync(), pushing])',
    replace: '',
    proof: 'core/storage/local-growing.test.ts › nothing counts, and nobody hears of it, before the disk has it',
  },
  {
    without: 'a disk that has failed once and is believed no more',
    file: 'core/storage/local-tail.ts',
    find: 'if (fault !== undefined) throw fault',
    replace: '',
    proof:
      'core/storage/local-growing.test.ts › what the disk said it lost does not count, though it says yes when asked again',
  },
  {
    without: 'sealed bytes that nobody may write to',
    file: 'core/storage/local-seal.ts',
    find: 'await chmod(from, sealedMode)',
    replace: '',
    proof:
      'core/storage/local-growing.test.ts › one file that was closed becomes the object itself, which nobody may write to',
  },
  {
    without: 'a seal that copies where a lost writer may hold the file',
    file: 'core/storage/local-seal.ts',
    find: ' && !only.open && !fresh)',
    replace: ')',
    proof:
      'core/storage/local-growing.test.ts › a file that a lost writer may still hold open never becomes the object',
  },
  {
    without: 'the tenant in the search for an upload',
    file: 'core/db/uploads.ts',
    find: ".where('uploads.tenant', '=', tenant)",
    replace: '',
    proof: `${tenants} › answers like one that never was, whatever is asked of it`,
  },
  {
    without: 'the tenant in the search for parts',
    file: 'core/db/upload-parts.ts',
    find: ".where('id', 'in', ids)\n    .where('tenant', '=', tenant)",
    replace: ".where('id', 'in', ids)",
    proof: `${tenants} › answers like one that never was, whatever is asked of it`,
  },
  {
    without: 'the bounds of an upload token at an upload',
    file: 'api/tus/the-upload.ts',
    find: ' && mayTouch(caller, theirs(upload))',
    replace: '',
    proof: `${tenants} › reaches no other upload of its tenant`,
  },
  {
    without: 'the bounds of an upload token at the parts of a final upload',
    file: 'api/tus/create-final.ts',
    find: 'if (part === undefined || !isTheirs(part)) throw noPart(id)',
    replace: 'if (part === undefined) throw noPart(id)',
    proof: `${tenants} › joins no parts that another token, or its backend, sent`,
  },
  {
    without: 'the one upload of an upload token',
    file: 'core/db/upload-tokens.ts',
    find: ".where(({ eb, or }) => or([eb('asset_id', 'is', null), eb('asset_id', '=', claim.assetId)]))",
    replace: '',
    proof: 'test/access.test.ts › used by twenty at once makes one asset',
  },
  {
    without: 'parts of one token that are counted one after the other',
    file: 'api/tus/create.ts',
    find: 'if (caller.uploadToken !== undefined) await holdUploadToken(trx, caller.uploadToken.id)',
    replace: '',
    proof: `${tenants} › allows no more in parts that are begun in the same instant`,
  },
  {
    without: 'the most bytes that parts of one token may have together',
    file: 'api/tus/create.ts',
    find: 'if (bytes > uploadToken.maxBytes) throw tooLarge(uploadToken.maxBytes)',
    replace: '',
    proof: `${tenants} › allows parts, which together are no more than it allows, and one upload of them`,
  },
  {
    without: 'the most bytes that an upload may have',
    file: 'api/tus/protocol.ts',
    find: 'maxSize: () => sizeLimit(call),',
    replace: '',
    proof: `${protocol} › with %s is refused`,
  },
  {
    without: 'the quota, also of parts',
    file: 'api/tus/create.ts',
    find: 'await checkQuotas(trx, { tenant: caller.tenant, quotas: house.config, newAsset: false })',
    replace: '',
    proof: `${tenants} › counts against the quota of its own tenant from the start, in parts too`,
  },
  {
    without: 'parts that are whole',
    file: 'api/tus/create-final.ts',
    find: 'if (missing > 0)',
    replace: 'if (false)',
    proof: `${protocol} › of parts that are not whole, not there, not ours or named twice is refused`,
  },
  {
    without: 'parts that are used but once',
    file: 'core/db/upload-parts.ts',
    find: 'return used.length === ids.length',
    replace: 'return true',
    proof: `${protocol} › asked for three times at once makes one asset`,
  },
  {
    without: 'addresses of parts that are this server’s',
    file: 'api/tus/concat.ts',
    find: " || !(url.host === 'here' || hosts.has(url.host))",
    replace: '',
    proof: `${protocol} › of parts that are not whole, not there, not ours or named twice is refused`,
  },
  {
    without: 'the upload that stays when it is finished',
    file: 'api/tus/serve.ts',
    find: "const isOver = upload?.status === 'done' && method === 'DELETE'",
    replace: 'const isOver = false',
    proof: `${protocol} › that is finished is not ended by DELETE, which would take the asset along`,
  },
  {
    without: 'the end of an upload whose address nobody heard',
    file: 'api/tus/serve.ts',
    find: 'if (created === undefined || created.findable || created.resumed) return',
    replace: 'return',
    proof: `${trouble} › that breaks off while it creates leaves nothing that it could not find again`,
  },
  {
    without: 'a hash of all bytes, and of no others',
    file: 'api/tus/digests.ts',
    find: 'return state?.offset === offset ? state.hash : undefined',
    replace: 'return state?.hash',
    proof: `${trouble} › a hash is of all bytes: what another process took is not left out of it`,
  },
]
