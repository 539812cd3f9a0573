import type { Purpose } from './purpose.ts'
import { element } from './xml.ts'

const role = (value: string) => element('Role', { schemeIdUri: 'urn:mpeg:dash:role:2011', value })
const audience = (value: number) =>
  element('Accessibility', { schemeIdUri: 'urn:tva:metadata:cs:AudioPurposeCS:2007', value })

/** DASH's words for what a sound track is for. */
export function soundTags({ commentary, describesVideo, default: isDefault }: Purpose): string[] {
  if (commentary) return [role('commentary')]
  return [...(describesVideo ? [audience(1)] : []), role(isDefault ? 'main' : 'alternate')]
}

/** DASH's words for what a text track is for. */
export function textTags({ hearingImpaired, forced }: Purpose): string[] {
  if (forced) return [role('forced-subtitle')]
  return hearingImpaired ? [audience(2), role('caption')] : [role('subtitle')]
}
