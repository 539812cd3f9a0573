import { tmpdir } from 'node:os'
import path from 'node:path'

/** What all workers of a machine share for temporary files: other tenants' sources among them. */
export const scratchFolder = ({ SCRATCH_DIR }: { SCRATCH_DIR?: string | undefined }): string =>
  path.resolve(SCRATCH_DIR ?? path.join(tmpdir(), 'sluice'))
