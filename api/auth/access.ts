import type { Config } from '../../core/config.ts'
import type { Database } from '../../core/db/open.ts'
import { dropOldRates } from '../../core/db/rates.ts'
import { dropOldUploadTokens } from '../../core/db/upload-tokens.ts'
import type { Logger } from '../../core/logger.ts'
import { jwtReader, type ReadJwt } from './jwt.ts'
import { type FindKey, keyCache } from './key-cache.ts'
import { type Limit, limitBy } from './limits.ts'

/** What an API process keeps in order to know who calls, and how often. */
export type Access = {
  findKey: FindKey
  readJwt: ReadJwt | undefined
  calls: Limit
  wrongKeys: Limit
  close(): void
}

const sweepEveryMs = 10 * 60_000

/** The caller closes it. */
export function openAccess({ config, db, log }: { config: Config; db: Database; log: Logger }): Access {
  const sweep = async () => {
    try {
      await dropOldRates(db)
      await dropOldUploadTokens(db)
    } catch (err) {
      log.warn({ err }, 'old counts and tokens were not swept away; the next round will')
    }
  }
  const sweeping = setInterval(sweep, sweepEveryMs).unref()
  return {
    findKey: keyCache(db),
    readJwt: jwtReader(config),
    calls: limitBy({ db, rate: config.RATE_LIMIT }),
    wrongKeys: limitBy({ db, rate: config.RATE_LIMIT_WRONG_KEYS }),
    close: () => clearInterval(sweeping),
  }
}
