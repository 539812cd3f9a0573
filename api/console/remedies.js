/** @import { Remedy } from './types.d.ts' */
import { make, setText } from './dom.js'

/** What every error's code means, fetched with the first error. @type {Promise<Record<string, Remedy>> | undefined} */
let asked

/** @returns {Promise<Record<string, Remedy>>} */
async function remedies() {
  asked ??= fetch('/console/remedies.json').then((answer) => answer.json())
  return asked.catch(() => {
    asked = undefined
    return {}
  })
}

/** An error in plain words: what it is called, what happened, and what to do about it. */
export function errorPanel() {
  const title = make('h3')
  const code = make('code')
  const message = make('p')
  const remedy = make('p', { class: 'remedy' })
  const element = make(
    'div',
    { class: 'failure', hidden: true },
    make('div', { class: 'failure-head' }, title, code),
    message,
    remedy,
  )
  /** @param {{ code: string, message: string } | null} error */
  const update = async (error) => {
    element.hidden = error === null
    if (error === null) return
    setText(code, error.code)
    setText(message, error.message)
    const known = (await remedies())[error.code]
    setText(title, known?.title ?? 'It failed')
    message.hidden = error.message === known?.title
    setText(remedy, known === undefined ? '' : `What to do: ${known.remedy.replaceAll('`', '')}`)
  }
  return { element, update }
}
