/** Floored to the microsecond: a hair early, and the cut still falls on the keyframe meant; a hair late, and it would miss it. */
const microseconds = (value: number) => (Math.floor(value * 1e6 + 1e-3) / 1e6).toFixed(6)

/**
 * One output as numbered fMP4 segments and an init segment in a folder of its own. The timestamps are the graph's,
 * untouched (`frag_discont`, no shifting), so that pieces made apart join. A segment has its name once it is whole.
 */
export function hlsArgs(options: { folder: string; segmentSeconds: number; firstSegment: number }): string[] {
  const { folder, segmentSeconds, firstSegment } = options
  return [
    // Without versions in it, what two builds of ffmpeg make fits together.
    ...['-fflags', '+bitexact', '-map_metadata', '-1', '-map_chapters', '-1', '-avoid_negative_ts', 'disabled'],
    ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_segment_options', 'movflags=+frag_discont'],
    ...['-hls_flags', 'temp_file', '-hls_playlist_type', 'vod', '-hls_list_size', '0'],
    ...['-hls_time', microseconds(segmentSeconds), '-start_number', String(firstSegment)],
    ...['-hls_fmp4_init_filename', 'init.mp4', '-hls_segment_filename', `${folder}/%d.m4s`, `${folder}/local.m3u8`],
  ]
}
