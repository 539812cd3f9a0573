import type { Row } from './threat.ts'

/** B30 to B40: what a request may try. */
export const doorThreats: Row[] = [
  {
    id: 'B30',
    input: 'file names that climb, with NUL, of 4 KB, turned by Unicode',
    outcome: 'data, never a path',
    proof: 'test/form.test.ts › a stranger’s file name is data and never a path',
  },
  {
    id: 'B30',
    input: 'keys that climb, in an address below /media',
    outcome: 'not served',
    code: 'not_found',
    proof: 'api/routes/media.test.ts › %s is not served',
  },
  {
    id: 'B31',
    input: 'odd tus headers and metadata',
    outcome: 'refused with a code',
    proof: { notBuilt: 'tus is being built' },
  },
  {
    id: 'B32',
    input: 'a foreign Host or Origin, without keys',
    outcome: 'refused',
    code: 'forbidden',
    proof: 'test/api.test.ts › without keys, a page of another site is refused: by its Host or by its Origin',
  },
  {
    id: 'B33',
    input: 'the id of another tenant’s asset',
    outcome: 'the same answer as for one that is not there',
    code: 'not_found',
    proof: 'test/api.test.ts › a key sees its own tenant only: another’s asset answers 404',
  },
  {
    id: 'B34',
    input: 'a page or a script sent as media, and asked for',
    outcome: 'a source is served by its signed address alone, to be saved, in a type of ours',
    proof: 'api/routes/media.test.ts › a source is served by its signed address alone, and only to be saved',
  },
  {
    id: 'B35',
    input: 'files that are not what they are called',
    outcome: 'the bytes decide, then the decoder',
    code: 'unsupported_container',
    proof: 'core/media/sniff.test.ts › %s is not accepted',
  },
  {
    id: 'B36',
    input: 'a disk that is full',
    outcome: 'waited for, with nothing counted and nothing lost',
    code: 'no_space',
    proof: 'test/task-protocol.test.ts › a scratch disk that is full (%s) is waited for, with nothing counted',
  },
  {
    id: 'B37',
    input: 'clients that send slowly',
    outcome: 'cut off',
    proof: { notBuilt: 'limits on slow clients are being built' },
  },
  {
    id: 'B38',
    input: 'no key, a wrong key, a key in another form',
    outcome: 'the same words whatever was wrong',
    code: 'unauthorized',
    proof: 'test/api.test.ts › nobody without a valid key, in the same words whatever was wrong with it',
  },
  {
    id: 'B39',
    input: 'the address of a webhook',
    outcome: 'only http and https are taken',
    proof: { notBuilt: 'nothing is delivered yet; the address is only kept' },
  },
  {
    id: 'B40',
    input: 'broken JSON, a prototype in it, too much of it, other types',
    outcome: 'refused',
    code: 'malformed_request',
    proof: 'test/api.test.ts › refuses %s with the code for it',
  },
]
