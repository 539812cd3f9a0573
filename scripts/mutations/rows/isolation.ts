import type { Mutation } from '../mutation.ts'

const room = 'workers/edges/sandbox.test.ts'
const desk = 'workers/edges/image-desk.test.ts'
const lists = 'workers/edges/hostile.test.ts'
const start = 'test/start-refusals.redis.test.ts'
const safety = 'core/media/ffmpeg-args.ts'

/** What strangers' files are kept in: lists, rooms, limits, processes of their own; and what no process starts with. */
export const isolationMutations: Mutation[] = [
  {
    without: 'the list of formats',
    file: safety,
    find: "...['-format_whitelist', formats.join(',')],",
    replace: '',
    proof: `${lists} › %s is stopped by the format whitelist: by ffprobe, by ffmpeg, and by its first bytes`,
  },
  {
    without: 'the list of decoders',
    file: safety,
    find: "...['-codec_whitelist', decoders.join(',')],",
    replace: '',
    proof: `${lists} › a decoder that is not on the list is not even opened, neither to look nor to decode`,
  },
  {
    without: 'the limit on pixels',
    file: safety,
    find: "...['-max_pixels', String(maxPixels)],",
    replace: '',
    proof: `${lists} › a picture of more pixels than allowed is not decoded, though nobody looked at it before`,
  },
  {
    without: 'the loaders of pictures that are off',
    file: 'workers/edges/sharp-setup.ts',
    find: "sharp.block({ operation: ['VipsForeignLoad'] })",
    replace: '',
    proof:
      'workers/edges/sharp.test.ts › the loaders themselves are off: for SVG from memory, and for anything from a path',
  },
  {
    without: 'a network that is none',
    file: 'workers/edges/sandbox.ts',
    find: "'--unshare-all'",
    replace: "'--unshare-pid'",
    proof: `${room} › nothing can be reached, not even what listens on this machine`,
  },
  {
    without: 'files that are not there',
    file: 'workers/edges/sandbox.ts',
    find: "'/etc/alternatives'",
    replace: "'/etc'",
    proof: `${room} › no file of anybody else is there: neither beside its folder, nor in /etc, nor the data of the house`,
  },
  {
    without: 'a source that is only read',
    file: 'workers/edges/walls.ts',
    find: "['--ro-bind-try', real, name]",
    replace: "['--bind-try', real, name]",
    proof: `${room} › the source is there, wherever it lies, and is not to be written to; its own folder is`,
  },
  {
    without: 'being nobody',
    file: 'workers/edges/sandbox.ts',
    find: "'--uid', '65534', '--gid', '65534'",
    replace: '',
    proof: `${room} › it is nobody: without rights, and without a way to new ones`,
  },
  {
    without: 'the limit on memory that is written to',
    file: 'workers/edges/sandbox.ts',
    find: "'--data=', ",
    replace: '',
    proof: `${room} › memory, time, and the size of a file end where its limits say`,
  },
  {
    without: 'an environment of its own',
    file: 'workers/edges/process.ts',
    find: "env: { LC_ALL: 'C', MALLOC_ARENA_MAX: '4' },",
    replace: '',
    proof: 'workers/edges/process.test.ts › a child sees nothing of our environment',
  },
  {
    without: 'a decoder for each tenant',
    file: 'workers/edges/image-desk.ts',
    find: 'kept.tenant !== tenant || ',
    replace: '',
    proof: `${desk} › never meets a picture of another tenant`,
  },
  {
    without: 'the few codes that a decoder may say',
    file: 'workers/edges/image-calls.ts',
    find: "(['resource_limit', ",
    replace: "(['storage_unavailable', 'resource_limit', ",
    proof: `${desk} › cannot make its task wait for ever by what it says`,
  },
  {
    without: 'the few tries of what met its limits',
    file: 'core/task-failure.ts',
    find: 'Math.min(taskKinds[kind].limit, triesOf(error.code))',
    replace: 'taskKinds[kind].limit',
    proof: 'core/task-failure.test.ts › what met its limits, or broke its decoder, is tried once more and no oftener',
  },
  {
    without: 'the refusal of a Redis that throws jobs away',
    file: 'queues/refuse-unsafe-redis.ts',
    find: "policy === undefined || policy === 'noeviction'",
    replace: 'true',
    proof: `${start} › does not start as %s on a Redis that throws keys away when it is full`,
  },
  {
    without: 'the refusal of a storage that takes nothing',
    file: 'api/main.ts',
    find: 'await refuseUnwritable(storage)',
    replace: '',
    proof: `${start} › does not start as %s on a folder that cannot be written to`,
  },
  {
    without: 'the refusal of decoders with known flaws',
    file: 'workers/main.ts',
    find: 'await refuseUnsafeTools(tools)',
    replace: '',
    proof: `${start} › does not start as worker with an ffmpeg that has known flaws, or that opens what is on no list`,
  },
  {
    without: 'a slot for whoever begins',
    file: 'workers/kept-slot.ts',
    find: '(!isFirst || fills({ asset }))',
    replace: 'true',
    proof: 'workers/kept-slot.test.ts › lets the first piece of a clip in while pieces of a film have all slots',
  },
  {
    without: 'that slot, once a film’s piece waits in it',
    file: 'workers/kept-slot.ts',
    find: '(await isWanted({ queue: name, besides }))',
    replace: 'false',
    proof:
      'workers/kept-slot.test.ts › is taken by no further piece of that film, which goes back for a clip, and else has the first slot that is free',
  },
  {
    without: 'a word for what waits in that slot',
    file: 'workers/kept-slot.ts',
    find: 'await unlessAway(stillSent(db, taskId))',
    replace: '',
    proof: 'workers/kept-slot.test.ts › is waited in without being taken for lost',
  },
  {
    without: 'films that stand still while a clip is made',
    file: 'workers/courtesy.ts',
    find: 'if (hold) one.child.pause()',
    replace: 'if (hold) continue',
    proof: 'workers/courtesy.test.ts › is held while something small of another asset is done',
  },
  {
    without: 'a third of the time for films, whatever comes',
    file: 'workers/courtesy.ts',
    find: 'spent = left <= 0 || (spent && left < leastMs)',
    replace: 'spent = false',
    proof: 'workers/courtesy.test.ts › goes on for a third of the time at least, whatever comes',
  },
  {
    without: 'recipes in their places',
    file: 'workers/admission.ts',
    find: 'return await inItsPlace({ ...run, memory: bytes }, { plan, recipe })',
    replace: 'return await recipe({ ...run, memory: bytes })',
    proof:
      'test/beside-film.test.ts › a clip is made while a piece of a film has the only slot; that piece stands still meanwhile, and goes on',
  },
  {
    without: 'looks at a large file that stand still for what is small',
    file: 'workers/in-its-place.ts',
    find: 'return await recipe(heldFor(run))',
    replace: 'return await recipe(run)',
    proof: 'workers/in-its-place.test.ts › while something small is made of another asset, programs that look at %s',
  },
  {
    without: 'slots that nothing stands still in',
    file: 'workers/in-its-place.ts',
    find: 'if (standing >= mostStanding) return recipe(run)',
    replace: '',
    proof:
      'workers/in-its-place.test.ts › of large sources no more than two at once stand still and keep their slots; the others are looked at meanwhile',
  },
  {
    without: 'a second try for a session that could not be moved back',
    file: 'workers/edges/move-session.ts',
    find: "&& error.code === 'EAGAIN'",
    replace: "&& error.code === ''",
    proof:
      'workers/edges/move-session.test.ts › a session that could not be moved, because another was a moment ago, is moved soon after',
  },
  {
    without: 'an ffprobe that can be held',
    file: 'workers/edges/run-ffprobe.ts',
    find: 'courtesy: tools.courtesy,',
    replace: '',
    proof: 'workers/edges/ffprobe.test.ts › each look at a file can be held still, and is said to be over',
  },
  {
    without: 'stills of a film that can be held',
    file: 'workers/edges/ffmpeg.ts',
    find: 'maxOutputBytes: maxBytes,\n    courtesy: tools.courtesy,',
    replace: 'maxOutputBytes: maxBytes,',
    proof: 'workers/edges/ffmpeg.test.ts › what writes %s can be held still by others, and is said to be over',
  },
  {
    without: 'encoders that can be held',
    file: 'workers/edges/ffmpeg.ts',
    find: 'onHeld: dog.held,\n      courtesy: tools.courtesy,',
    replace: 'onHeld: dog.held,',
    proof: 'workers/edges/ffmpeg.test.ts › what writes %s can be held still by others, and is said to be over',
  },
  {
    without: 'a watchdog that hears of it',
    file: 'workers/edges/ffmpeg.ts',
    find: 'onHeld: dog.held,',
    replace: '',
    proof: 'workers/edges/ffmpeg.test.ts › an encoder that others hold still is not blamed for it',
  },
  {
    without: 'decoders that can be held',
    file: 'workers/edges/image-desk.ts',
    find: '...(long && { long, nice: defaultLimits.nice }),',
    replace: '',
    proof:
      'test/beside-film.test.ts › a picture of very many pixels stands still while something small is made, and goes on',
  },
  {
    without: 'room for the decoder itself beside the picture',
    file: 'workers/edges/decoder.ts',
    find: 'const programBytes = 768 * mib',
    replace: 'const programBytes = 384 * mib',
    proof:
      'workers/edges/image-desk.test.ts › have the memory that they are let in for, also where all of a large one is held while it is decoded',
  },
  {
    without: 'large pictures that stand still',
    file: 'workers/image/variants-task.ts',
    find: ', long: tools.courtesy',
    replace: '',
    proof:
      'test/beside-film.test.ts › a picture of very many pixels stands still while something small is made, and goes on',
  },
  {
    without: 'being held once it took long',
    file: 'workers/small-at-first.ts',
    find: 'programs.set(program, courtesy.long(asset, program))',
    replace: 'void program',
    proof:
      'workers/small-at-first.test.ts › others stand still for it, until it has taken too long; from then on it stands still for what is small',
  },
]
