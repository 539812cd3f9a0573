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
  const go = make('button', { type: 'button', class: 'quiet' })
  const stop = make('button', { type: 'button', class: 'quiet' }, icon('close'))
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
    make('div', { class: 'actions' }, go, stop),
  )
  let drawn = ''

  /** @param {HTMLButtonElement} button @param {{ word: string, act: () => void } | undefined} order */
  const order = (button, order) => {
    button.hidden = order === undefined
    if (order === undefined) return
    button.title = order.word
    button.setAttribute('aria-label', `${order.word}: ${file.name}`)
    button.onclick = order.act
  }

  /**
   * @param {{ word: string, tone: string, stop: { word: string, act: () => void },
   *   go?: { word: string, act: () => void, icon: string } }} shown
   */
  const show = (shown) => {
    element.dataset['tone'] = shown.tone
    setText(state, shown.word)
    order(stop, shown.stop)
    order(go, shown.go)
    if (shown.go !== undefined && shown.go.icon !== drawn) {
      drawn = shown.go.icon
      go.replaceChildren(icon(drawn))
    }
    const broken = shown.tone === 'bad'
    bar.hidden = broken
    problem.hidden = !broken
  }
  const cancelled = (/** @type {() => void} */ act) => ({ word: 'Cancel', act })

  return {
    element,
    /** @param {{ cancel: () => void }} options */
    waiting: ({ cancel }) => show({ word: 'Waiting', tone: 'busy', stop: cancelled(cancel) }),
    /** @param {{ pause: () => void, cancel: () => void }} options */
    sending: ({ pause, cancel }) =>
      show({
        word: 'Uploading',
        tone: 'busy',
        stop: cancelled(cancel),
        go: { word: 'Pause', act: pause, icon: 'pause' },
      }),
    /** @param {{ goOn: () => void, cancel: () => void }} options */
    paused: ({ goOn, cancel }) =>
      show({ word: 'Paused', tone: 'idle', stop: cancelled(cancel), go: { word: 'Go on', act: goOn, icon: 'play' } }),
    /** @param {number} sent */
    progress: (sent) => {
      const share = file.size === 0 ? 1 : Math.min(1, sent / file.size)
      bar.value = share
      setText(state, share === 1 ? 'Storing' : `Uploading ${Math.floor(share * 100)} %`)
      setText(facts, `${size(Math.min(sent, file.size))} of ${size(file.size)}`)
    },
    /** @param {{ error: import('./http.js').ApiError, again: () => void, dismiss: () => void }} options */
    failed: ({ error, again, dismiss }) => {
      setText(code, error.code)
      setText(reason, error.message)
      show({
        word: 'Failed',
        tone: 'bad',
        stop: { word: 'Dismiss', act: dismiss },
        go: { word: 'Send again', act: again, icon: 'again' },
      })
    },
    /** Whoever had the focus in it finds it again where files are chosen. */
    leave: () => {
      const hadFocus = element.contains(document.activeElement)
      element.remove()
      if (hadFocus) document.getElementById('choose')?.focus()
    },
  }
}
