import { icon, make } from './dom.js'

/**
 * A button that puts `text()` on the clipboard and says whether it worked.
 * @param {{ label: string, text: () => string, say: (news: string) => void, compact?: boolean }} options
 */
export function copyButton({ label, text, say, compact = false }) {
  const word = make('span', { class: compact ? 'unseen' : undefined }, label)
  const button = make('button', { type: 'button', class: 'quiet copy', title: label }, icon('copy'), word)
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  button.addEventListener('click', async () => {
    const worked = await copy(text())
    button.replaceChildren(icon(worked ? 'done' : 'failed'), word)
    say(worked ? 'Copied' : 'The browser did not allow copying')
    clearTimeout(timer)
    timer = setTimeout(() => button.replaceChildren(icon('copy'), word), 1500)
  })
  return button
}

/** Plain http has no clipboard API outside of localhost: there the old command serves. @param {string} text */
async function copy(text) {
  if (navigator.clipboard === undefined) return copyBySelection(text)
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copyBySelection(text),
  )
}

/** @param {string} text */
function copyBySelection(text) {
  const active = document.activeElement
  const area = make('textarea', { class: 'unseen', readonly: true })
  area.value = text
  // Inside an open dialog nothing outside of it can be selected.
  const home = document.querySelector('dialog[open]') ?? document.body
  home.append(area)
  area.select()
  const worked = document.execCommand('copy')
  area.remove()
  if (active instanceof HTMLElement) active.focus()
  return worked
}
