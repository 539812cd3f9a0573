/** The only marks that stay; links, classes, voices, colours and times inside the text go. */
const kept = /^<\/?[biu]>$/i
const marks = /<\/?[a-z0-9][^<>]*>|[<>]|&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)/gi
const escapes: Record<string, string> = { '<': '&lt;', '>': '&gt;', '&': '&amp;' }

/** Shapes of Advanced SubStation Alpha, which are numbers to anybody who does not draw them. */
const drawing = /^m( -?[\d.]+){2}( [mnlbspc]( -?[\d.]+)*)+$/

/**
 * A stranger's words as the inside of a WebVTT cue: bold, italics and underline at most, no line that would end the cue,
 * nothing that a page could take for its own markup. Empty where nothing is left to read.
 */
export function cueText(text: string): string {
  const lines = text
    .toWellFormed()
    .replace(/\{\\[^{}]*\}/g, '')
    .replace(marks, (mark) => (kept.test(mark) ? mark.toLowerCase() : (escapes[mark] ?? '')))
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replace(/\p{Control}+/gu, ' ').trim())
    .filter((line) => line.replace(/<\/?[biu]>/g, '').trim() !== '')
  const joined = lines.join('\n')
  return drawing.test(joined) ? '' : joined
}
