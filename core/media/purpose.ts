/** What a sound or text track is for, besides its language; what is not said is absent. */
export type Purpose = {
  /** Played where the viewer has chosen nothing. */
  default?: true
  commentary?: true
  /** Tells those who cannot see what is shown. */
  describesVideo?: true
  /** Also writes what is to be heard, for those who cannot hear. */
  hearingImpaired?: true
  /** Translates only what nobody follows otherwise: signs, a line in another language. */
  forced?: true
}

/** ffprobe's words for it. */
const dispositions: Record<string, keyof Purpose> = {
  default: 'default',
  comment: 'commentary',
  visual_impaired: 'describesVideo',
  descriptions: 'describesVideo',
  hearing_impaired: 'hearingImpaired',
  captions: 'hearingImpaired',
  forced: 'forced',
}

export function purposeOf(flags: Record<string, number> | undefined): Purpose {
  const set = Object.entries(dispositions).filter(([name]) => flags?.[name] === 1)
  return Object.fromEntries(set.map(([, purpose]) => [purpose, true]))
}

/** HLS's CHARACTERISTICS, in Apple's words; undefined where there are none. */
export function characteristicsOf({ describesVideo, hearingImpaired }: Purpose): string | undefined {
  const words = [
    ...(describesVideo ? ['public.accessibility.describes-video'] : []),
    ...(hearingImpaired
      ? ['public.accessibility.transcribes-spoken-dialog', 'public.accessibility.describes-music-and-sound']
      : []),
  ]
  return words.length > 0 ? words.join(',') : undefined
}
