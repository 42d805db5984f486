/** Elements in one expression, and lists that keep the elements of what stays, so that focus and scrolling outlive what is told. Text is only ever text. */

export type Child = Node | string | undefined | false

export interface Props {
  class?: string
  text?: string
  on?: Readonly<Record<string, (event: Event) => void>>
  [attribute: string]: unknown
}

/** Attributes that are undefined or false are left out; true is an empty one. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { text, on = {}, ...attributes }: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : String(value))
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener)
  if (text !== undefined) element.append(text)
  element.append(...children.filter((child) => child !== undefined && child !== false))
  return element
}

export function button(text: string, press: () => void, attributes: Props = {}): HTMLButtonElement {
  return h('button', { type: 'button', text, on: { click: press }, ...attributes })
}

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== undefined && child !== false))
}

/** Writes only what is another, so that nothing is read out twice. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/** A list of elements, one for each item by its key. */
export class Keyed<Item> {
  readonly #container: Element
  readonly #keyOf: (item: Item) => unknown
  readonly #make: (item: Item) => Element
  readonly #update: (element: Element, item: Item) => void
  #elements = new Map<unknown, Element>()

  constructor(
    container: Element,
    keyOf: (item: Item) => unknown,
    make: (item: Item) => Element,
    update: (element: Element, item: Item) => void = () => undefined,
  ) {
    this.#container = container
    this.#keyOf = keyOf
    this.#make = make
    this.#update = update
  }

  show(items: readonly Item[]): void {
    const before = this.#elements
    this.#elements = new Map()
    let next = this.#container.firstElementChild
    for (const item of items) {
      const key = this.#keyOf(item)
      const element = before.get(key) ?? this.#make(item)
      before.delete(key)
      this.#elements.set(key, element)
      this.#update(element, item)
      if (element === next) next = next.nextElementSibling
      else this.#container.insertBefore(element, next)
    }
    for (const element of before.values()) element.remove()
  }
}

/** Names and values, of which the values change. */
export class Facts<Name extends string> {
  readonly element: HTMLDListElement
  readonly #values = new Map<Name, HTMLElement>()

  constructor(names: readonly Name[], label?: string) {
    this.element = h('dl', { class: 'facts', 'aria-label': label })
    for (const name of names) {
      const value = h('dd')
      this.#values.set(name, value)
      this.element.append(h('div', {}, h('dt', { text: name }), value))
    }
  }

  show(values: Readonly<Record<Name, string>>): void {
    for (const [name, value] of this.#values) write(value, values[name])
  }
}

/** A value as text with its parts told apart, to be read and copied. */
export function jsonView(value: unknown, label: string): HTMLElement {
  const text = JSON.stringify(value, undefined, 2) ?? 'nothing'
  const box = h('pre', { class: 'json', tabindex: 0, role: 'group', 'aria-label': label })
  const parts = text.split(/("(?:[^"\\]|\\.)*"(?:\s*:)?|-?\d[\d.e+-]*|\btrue\b|\bfalse\b|\bnull\b)/gi)
  for (const [i, part] of parts.entries()) {
    if (i % 2 === 0) box.append(part)
    else box.append(h('span', { class: kindOf(part), text: part }))
  }
  return box
}

function kindOf(part: string): string {
  if (part.endsWith(':')) return 'j-key'
  return part.startsWith('"') ? 'j-text' : 'j-other'
}
