import { icon, make, setText } from './dom.js'
import { size } from './words.js'

/**
 * One file on its way.
 * @param {{ file: File }} options
 */
export function uploadRow({ file }) {
  const facts = make('p', { class: 'facts' }, size(file.size))
  const code = make('code')
  const reason = make('span')
  const problem = make('p', { class: 'problem', hidden: true }, code, ' ', reason)
  const bar = make('progress', { max: '1', 'aria-label': `Upload of ${file.name}` })
  const state = make('span', { class: 'state' })
  const again = make('button', { type: 'button', class: 'quiet', title: 'Send again', hidden: true }, icon('again'))
  const stop = make('button', { type: 'button', class: 'quiet' }, icon('close'))
  again.setAttribute('aria-label', `Send ${file.name} again`)
  const element = make(
    'li',
    { class: 'row upload' },
    make('div', { class: 'still' }, make('span', { class: 'glyph' }, icon('drop'))),
    make(
      'div',
      { class: 'about' },
      make('p', { class: 'name', dir: 'auto', title: file.name }, file.name),
      facts,
      problem,
      bar,
    ),
    make('div', { class: 'outcome' }, state),
    make('div', { class: 'actions' }, again, stop),
  )

  /** @param {{ word: string, tone: string, stopping: string, onStop: () => void }} options */
  const show = ({ word, tone, stopping, onStop }) => {
    element.dataset['tone'] = tone
    setText(state, word)
    stop.title = stopping
    stop.setAttribute('aria-label', `${stopping}: ${file.name}`)
    stop.onclick = onStop
    const broken = tone === 'bad'
    bar.hidden = broken
    problem.hidden = !broken
    again.hidden = !broken
  }

  return {
    element,
    /** @param {{ cancel: () => void }} options */
    waiting: ({ cancel }) => {
      bar.removeAttribute('value')
      setText(facts, size(file.size))
      show({ word: 'Waiting', tone: 'busy', stopping: 'Cancel', onStop: cancel })
    },
    /** @param {{ cancel: () => void }} options */
    sending: ({ cancel }) => show({ word: 'Uploading', tone: 'busy', stopping: 'Cancel', onStop: cancel }),
    /** The form's own wrapping counts as sent, hence the cap. @param {number} sent */
    progress: (sent) => {
      const share = file.size === 0 ? 1 : Math.min(1, sent / file.size)
      bar.value = share
      setText(state, share === 1 ? 'Storing' : `Uploading ${Math.floor(share * 100)} %`)
      setText(facts, `${size(Math.min(sent, file.size))} of ${size(file.size)}`)
    },
    /** @param {{ error: import('./api.js').ApiError, again: () => void, dismiss: () => void }} options */
    failed: ({ error, again: onAgain, dismiss }) => {
      setText(code, error.code)
      setText(reason, error.message)
      again.onclick = onAgain
      show({ word: 'Failed', tone: 'bad', stopping: 'Dismiss', onStop: dismiss })
    },
  }
}
