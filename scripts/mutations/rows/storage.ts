import type { Mutation } from '../mutation.ts'

const disk = 'test/disk-full.test.ts'
const away = 'test/away.s3.test.ts'
const lies = 'core/storage/s3-lies.s3.test.ts'
const goesLow =
  'stops an upload that is under way before the disk is full, keeps its offset, and goes on when there is room'

/** Storage that lies, is away, or is full: C6, C15 to C17. */
export const storageMutations: Mutation[] = [
  {
    without: 'the floor in front of new uploads over tus',
    file: 'api/tus/create.ts',
    find: 'await house.storage.needRoom()',
    replace: '',
    proof: `${disk} › takes no new upload, by whichever way, and takes them again when there is room`,
  },
  {
    without: 'the watch over the disk while bytes come',
    file: 'core/storage/above-floor.ts',
    find: 'needRoom().catch((reason) => low.abort(reason))',
    replace: 'undefined',
    proof: `${disk} › ${goesLow}`,
  },
  {
    without: 'the room that a task wants before it begins',
    file: 'workers/with-room.ts',
    find: 'await run.bench.storage.needRoom()',
    replace: '',
    proof: `${disk} › lets tasks wait, uncounted, and finish once there is room`,
  },
  {
    without: "the store's own failure, told apart from that of a body which was left for it",
    file: 'core/storage/meter.ts',
    find: 'if (!left) failed ??=',
    replace: 'failed ??=',
    proof: `${disk} › leaves nothing of a form that did not fit`,
  },
  {
    without: 'a limit on silence',
    file: 'core/storage/s3-client.ts',
    find: 'socketTimeout: patience.silenceMs,',
    replace: '',
    proof: `${lies} › a download that %s fails, and is never taken for the whole`,
  },
  {
    without: 'the look at what the store holds after a put',
    file: 'core/storage/s3-put.ts',
    find: 'const wrongMd5 = isPlainMd5(held)',
    replace: 'const wrongMd5 = false && isPlainMd5(held)',
    proof: `${lies} › is not believed when it gives a tag that is not of these bytes: what it holds is looked at`,
  },
  {
    without: 'the question why a store hung up on a part',
    file: 'core/storage/s3-multipart.ts',
    find: 'if (isHangUp(error)) await refuseOver(bucket, open)',
    replace: '',
    proof: 'core/storage/s3-growing-faults.test.ts › a store that hangs up on a part, %s, is asked which it was',
  },
  {
    without: 'the row that settles where a set lies, once for all its objects',
    file: 'core/storage/spooling.ts',
    find: 'if (!(await watch.answers())) await places.note(set)',
    replace: '',
    proof: `${away} › a picture in a form, one in chunks and one behind an address are taken too`,
  },
  {
    without: 'the reading back of what came home',
    file: 'workers/upkeep/bring-object.ts',
    find: 'put.bytes === bytes && (await readBack())',
    replace: 'put.bytes === bytes',
    proof: `${away} › bytes that come home as others are not believed, and the spooled ones go on being served`,
  },
  {
    without: 'the look, in the transaction of the flip, whether the asset is at rest',
    file: 'core/db/bring-home.ts',
    find: "where('id', '=', assetId).where(atRest)",
    replace: "where('id', '=', assetId)",
    proof: `${away} › an asset that is worked on again while it goes home is not flipped under its readers`,
  },
  {
    without: 'the spool among the places that a deletion empties',
    file: 'core/storage/spooling.ts',
    find: 'await spool.deletePrefix(prefix)',
    replace: '0',
    proof: `${away} › what is deleted stays deleted, in both places, whoever is bringing it home`,
  },
  {
    without: 'the proof that all processes see one folder',
    file: 'core/open-media.ts',
    find: 'await refuseOtherFolder({',
    replace: 'void ({',
    proof: `${away} › is one for all processes: another is refused at the start, with the name of the setting`,
  },
]
