/** @import { Asset } from './types.d.ts' */
import { readAsset } from './api.js'
import { assetPage } from './asset-page.js'
import { ApiError } from './http.js'

/**
 * The dialog with one asset in it, which the address of the page names, so that it can be linked to. The element is the page's
 * one `<dialog>`, which keeps focus and Escape.
 * @param {{ dialog: HTMLDialogElement, find: (id: string) => Asset | undefined,
 *   around: import('./asset-page.js').Around }} options
 */
export function viewer({ dialog, find, around }) {
  /** @type {ReturnType<typeof assetPage> | undefined} */
  let page
  dialog.addEventListener('close', () => {
    page?.close()
    page = undefined
    dialog.replaceChildren()
    if (location.hash.startsWith('#asset/')) window.history.replaceState(null, '', location.pathname)
  })
  // A click beside the dialog lands on the dialog itself, one inside it on something in it.
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close()
  })

  /** @param {Asset} asset */
  const open = (asset) => {
    page?.close()
    page = assetPage({ asset, close: () => dialog.close(), around })
    dialog.replaceChildren(page.element)
    if (!dialog.open) dialog.showModal()
    dialog.scrollTop = 0
    page.draw()
    window.history.replaceState(null, '', `#asset/${asset.id}`)
  }

  const openLinked = async () => {
    const id = /^#asset\/([\w-]{36})$/.exec(location.hash)?.[1]
    if (id === undefined || page?.id === id) return
    try {
      open(find(id) ?? (await readAsset(id)))
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      around.say(`The linked asset cannot be shown: ${error.message}`)
      window.history.replaceState(null, '', location.pathname)
    }
  }
  window.addEventListener('hashchange', openLinked)
  return {
    open,
    openLinked,
    /** @param {Asset} asset */
    tell: (asset) => {
      if (page?.id === asset.id) page.update(asset)
    },
    /** @param {string} id */
    gone: (id) => {
      if (page?.id === id) dialog.close()
    },
  }
}
