/** The row of tabs, by the pattern of the ARIA practices: one of them is in the order of the tab key, arrows, Home and End lead to the others, and the one with the focus is shown. */
import type { Stop } from '@skerry/live'
import { button, h } from './dom.ts'
import { type TabName, tabNames, type View } from './view.ts'

export class TabList {
  readonly tabs = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Parts of the developer tools' })
  readonly body = h('div', { class: 'body' })
  readonly #makers: Readonly<Record<TabName, () => View>>
  readonly #buttons = new Map<TabName, HTMLButtonElement>()
  readonly #panels = new Map<TabName, HTMLElement>()
  readonly #views = new Map<TabName, View>()
  #shown: TabName | undefined
  #stop: Stop = () => undefined

  /** Each view is made when its tab is first shown. */
  constructor(makers: Readonly<Record<TabName, () => View>>) {
    this.#makers = makers
    for (const name of tabNames) {
      const press = button(name, () => this.show(name), {
        role: 'tab',
        id: `tab-${name}`,
        'aria-controls': `panel-${name}`,
        'aria-selected': 'false',
        tabindex: -1,
      })
      const panel = h('div', {
        role: 'tabpanel',
        id: `panel-${name}`,
        'aria-labelledby': `tab-${name}`,
        hidden: true,
      })
      this.#buttons.set(name, press)
      this.#panels.set(name, panel)
      this.tabs.append(press)
      this.body.append(panel)
    }
    this.tabs.addEventListener('keydown', (event) => this.#key(event))
  }

  show(name: TabName): void {
    if (name === this.#shown) return
    this.#stop()
    this.#shown = name
    for (const [one, press] of this.#buttons) {
      press.setAttribute('aria-selected', String(one === name))
      press.tabIndex = one === name ? 0 : -1
      this.#panels.get(one)!.hidden = one !== name
    }
    const press = this.#buttons.get(name)!
    press.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    let view = this.#views.get(name)
    if (!view) {
      view = this.#makers[name]()
      this.#views.set(name, view)
      this.#panels.get(name)!.append(view.element)
    }
    this.#stop = view.show()
  }

  end(): void {
    this.#stop()
  }

  #key(event: KeyboardEvent): void {
    const at = tabNames.indexOf(this.#shown!)
    const to: Readonly<Record<string, number>> = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: tabNames.length - 1,
    }
    const next = to[event.key]
    if (next === undefined) return
    event.preventDefault()
    const name = tabNames.at(next % tabNames.length)!
    this.show(name)
    this.#buttons.get(name)!.focus()
  }
}
