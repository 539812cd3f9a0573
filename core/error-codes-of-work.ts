import type { Entry } from './error-codes.ts'

/** The codes of what can go wrong with the media, and with the house, once a request was taken. */
export const workCodes = {
  // The media
  unsupported_container: {
    status: 422,
    fate: 'give_up',
    title: 'This kind of file is not accepted',
    remedy: 'Send one of the formats listed in the docs; convert it first if need be.',
  },
  unsupported_codec: {
    status: 422,
    fate: 'give_up',
    title: 'The codec inside this file is not accepted',
    remedy: 'Re-encode with a common codec, H.264 and AAC for example.',
  },
  encrypted_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file is encrypted',
    remedy: 'Send the file without DRM or encryption.',
  },
  corrupt_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file is damaged and cannot be decoded',
    remedy: 'Check that it plays locally, then send it again.',
  },
  no_media_streams: {
    status: 422,
    fate: 'give_up',
    title: 'The file holds no picture and no sound',
    remedy: 'Send a file with at least one video, image or audio stream.',
  },
  too_long: {
    status: 422,
    fate: 'give_up',
    title: 'The media lasts too long',
    remedy: 'Cut it, or ask the operator to raise MAX_DURATION.',
  },
  too_many_pixels: {
    status: 422,
    fate: 'give_up',
    title: 'The picture has too many pixels',
    remedy: 'Scale it down, or ask the operator to raise MAX_PIXELS.',
  },
  unsafe_media: {
    status: 422,
    fate: 'give_up',
    title: 'The file tries something that media must not do',
    remedy: 'Send plain media that refers to nothing outside itself.',
  },
  // The house itself
  unknown_profile: {
    status: 500,
    fate: 'later',
    patienceMs: 600_000,
    title: 'The worker does not know the profile that was asked for',
    remedy: 'Give every process the same PROFILES_FILE, with this profile in it, then send the asset again.',
  },
  output_invalid: {
    status: 500,
    fate: 'retry',
    title: 'What was produced is not what was planned',
    remedy: 'It is tried again by itself; if it stays, report the asset id.',
  },
  encoder_failed: {
    status: 500,
    fate: 'retry',
    title: 'The encoder failed',
    remedy: 'It is tried again by itself; if it stays, report the asset id.',
  },
  encoder_stalled: {
    status: 500,
    fate: 'retry',
    title: 'The encoder made no progress',
    remedy: 'It is tried again by itself; check the load of the workers if it stays.',
  },
  resource_limit: {
    status: 500,
    fate: 'retry',
    // Once more, with less at once; a third time would change nothing.
    tries: 2,
    title: 'The work needed more than its limits allow',
    remedy: 'Send smaller media, or give the workers more memory.',
  },
  decoder_crashed: {
    status: 422,
    fate: 'retry',
    tries: 2,
    title: 'The picture broke the program that reads it',
    remedy: 'Check that it opens elsewhere and save it anew; report the asset id if it is sound.',
  },
  poisoned: {
    status: 500,
    fate: 'give_up',
    title: 'This work killed its worker again and again',
    remedy: 'Look at the asset by hand; it was set aside so that others run on.',
  },
  // At its start a process says these, and ends.
  queue_unsafe: {
    status: 500,
    fate: 'give_up',
    title: 'Redis would throw jobs away',
    remedy: 'Set its maxmemory-policy to noeviction, then start again.',
  },
  tools_unsafe: {
    status: 500,
    fate: 'give_up',
    title: 'A decoder has known flaws',
    remedy: 'Install the version that the message asks for; docs/security.md lists them.',
  },
  storage_not_writable: {
    status: 500,
    fate: 'give_up',
    title: 'The storage takes nothing from this process',
    remedy: 'Make the folder or bucket exist and let this process write there, then start again.',
  },
  storage_unavailable: {
    status: 503,
    fate: 'later',
    title: 'The storage does not answer',
    remedy: 'Try again in a moment; nothing acknowledged is lost.',
  },
  no_space: {
    status: 507,
    fate: 'later',
    title: 'There is no room for more bytes',
    remedy: 'Try again later; the operator has to free space.',
  },
  unavailable: {
    status: 503,
    fate: 'later',
    title: 'A part of the house does not answer',
    remedy: 'Try again in a moment; nothing acknowledged is lost.',
  },
  internal: {
    status: 500,
    fate: 'retry',
    title: 'Something went wrong here',
    remedy: 'Try again; report the requestId if it stays.',
  },
} as const satisfies Record<string, Entry>
