type Named = { title?: string | undefined; language?: string | undefined }

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' })

/** What viewers choose tracks by: title, else language, else a number; no two of a group alike, as players demand. */
export function trackLabels(tracks: readonly Named[], otherwise: string): string[] {
  const taken = new Set<string>()
  return tracks.map(({ title, language }, n) => {
    const wished = title ?? (language === undefined ? undefined : languageNames.of(language)) ?? `${otherwise} ${n + 1}`
    let label = wished
    for (let more = 2; taken.has(label); more++) label = `${wished} ${more}`
    taken.add(label)
    return label
  })
}
