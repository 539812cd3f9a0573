/**
 * Makes an element. Text goes in as text nodes only, so a stranger's words are never markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined>} [attributes]
 * @param {(Node | string | undefined)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '')
    else if (typeof value === 'string') element.setAttribute(name, value)
  }
  element.append(...children.filter((child) => child !== undefined))
  return element
}

const svg = 'http://www.w3.org/2000/svg'

/**
 * One of the symbols that index.html defines.
 * @param {string} name
 */
export function icon(name) {
  const [drawing, use] = [document.createElementNS(svg, 'svg'), document.createElementNS(svg, 'use')]
  drawing.setAttribute('class', 'icon')
  drawing.setAttribute('aria-hidden', 'true')
  use.setAttribute('href', `#icon-${name}`)
  drawing.append(use)
  return drawing
}

/**
 * Touches the page only where something changed, so that nobody's selection is lost each second.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

/**
 * An element of index.html, which is there by contract.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {string} id
 * @returns {E}
 */
export function byId(id) {
  const element = document.getElementById(id)
  if (element === null) throw new Error(`the page has no #${id}`)
  return /** @type {E} */ (element)
}
