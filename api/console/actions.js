/** @import { Asset } from './types.d.ts' */
import { cancelAsset, deleteAsset, reprocessAsset } from './api.js'
import { confirmed } from './confirm.js'
import { make, setText } from './dom.js'
import { ApiError } from './http.js'
import { isUnfinished, nameOf } from './words.js'

/** Profiles that every house has. */
const known = ['default', 'fast', 'rehost']

/**
 * What can be done to an asset: made anew, stopped, deleted.
 * @param {{ asset: () => Asset, profiles: () => string[], onChanged: (asset: Asset) => void, onGone: (id: string) => void,
 *   say: (news: string) => void }} options
 */
export function actions({ asset, profiles, onChanged, onGone, say }) {
  const names = [...new Set([...known, ...profiles(), asset().profile])]
  const options = names.map((name) => make('option', { value: name }, name))
  const profile = make('select', { 'aria-label': 'Profile' }, ...options)
  profile.value = asset().profile
  const again = make('button', { type: 'button', class: 'plain' }, 'Reprocess')
  const stop = make('button', { type: 'button', class: 'plain' }, 'Cancel')
  const remove = make('button', { type: 'button', class: 'plain bad' }, 'Delete')
  const problem = make('p', { class: 'problem', role: 'alert' })
  const element = make(
    'div',
    { class: 'actions-bar' },
    make('span', { class: 'reprocess' }, again, make('span', { class: 'with' }, 'with profile'), profile),
    make('span', { class: 'ends' }, stop, remove),
    problem,
  )

  /** What was refused is said where it was asked. @param {HTMLButtonElement} button @param {() => Promise<void>} act */
  const on = (button, act) =>
    button.addEventListener('click', async () => {
      setText(problem, '')
      button.setAttribute('aria-busy', 'true')
      try {
        await act()
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        setText(problem, `${error.message} (${error.code})`)
      } finally {
        button.removeAttribute('aria-busy')
      }
    })
  on(again, async () => {
    onChanged(await reprocessAsset(asset().id, profile.value))
    say(`${nameOf(asset())} is made anew`)
  })
  on(stop, async () => {
    onChanged(await cancelAsset(asset().id))
    say(`${nameOf(asset())} was cancelled`)
  })
  on(remove, async () => {
    const { id } = asset()
    const title = `Delete ${nameOf(asset())}?`
    const text = 'Its addresses stop working at once, and everything stored of it is deleted. This cannot be undone.'
    if (!(await confirmed({ title, text, act: 'Delete' }))) return
    await deleteAsset(id)
    say(`${nameOf(asset())} was deleted`)
    onGone(id)
  })
  const update = () => {
    const busy = isUnfinished(asset())
    stop.hidden = !busy
    again.hidden = busy
    profile.parentElement?.toggleAttribute('hidden', busy)
  }
  update()
  return { element, update }
}
