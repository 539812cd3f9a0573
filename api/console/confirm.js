import { make } from './dom.js'

/**
 * Asks before something that cannot be undone. The dialog keeps the focus, and gives it back; Escape is no.
 * @param {{ title: string, text: string, act: string }} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, act }) {
  const yes = make('button', { type: 'submit', class: 'danger', value: 'yes' }, act)
  const no = make('button', { type: 'submit', class: 'plain', value: 'no', autofocus: true }, 'Keep it')
  const dialog = make(
    'dialog',
    { class: 'confirm', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
    make(
      'form',
      { method: 'dialog' },
      make('h2', { id: 'confirm-title', dir: 'auto' }, title),
      make('p', { id: 'confirm-text' }, text),
      make('div', { class: 'choice' }, no, yes),
    ),
  )
  const { promise, resolve } = Promise.withResolvers()
  dialog.addEventListener('close', () => {
    dialog.remove()
    resolve(dialog.returnValue === 'yes')
  })
  document.body.append(dialog)
  dialog.showModal()
  return promise
}
