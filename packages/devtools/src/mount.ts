/** The panel in an element of the page: in a shadow root, so that neither knows the other's styles. */
import type { Inspect, LiveReplica, Stop } from '@skerry/live'
import { Changing } from './models/changing.ts'
import type { Chosen } from './models/records-model.ts'
import { concurrentView } from './panel/concurrent-view.ts'
import { button, h } from './panel/dom.ts'
import { grip } from './panel/grip.ts'
import { historyView } from './panel/history-view.ts'
import { logView } from './panel/log-view.ts'
import { networkView } from './panel/network-view.ts'
import { recordsView } from './panel/records-view.ts'
import { sessionsView } from './panel/sessions-view.ts'
import { style } from './panel/style.ts'
import { TabList } from './panel/tab-list.ts'
import { type PanelContext, type View, withoutInspect } from './panel/view.ts'

export interface DevtoolsOptions {
  replica: LiveReplica
  /** What the live port does not carry: the log, sessions, the network simulator. Without it those tabs say so. */
  inspect?: Inspect | undefined
  /** Names, for when there is no `inspect` that knows them. */
  collections?: readonly string[]
  /** `drawer`: at the bottom of the window, over the page; `fill`: as large as the element. Default `drawer`. */
  as?: 'drawer' | 'fill'
  /** Default `system`. */
  theme?: 'system' | 'light' | 'dark'
  /** Told the height of the drawer in pixels, and 0 at the end, so that the page can leave room for it. */
  resized?: (heightPx: number) => void
  /** Shows a button that closes; the caller then unmounts. */
  closed?: () => void
}

/** Returns what takes the panel away, with all that it watches. An element takes one panel at a time. */
export function mountDevtools(element: HTMLElement, options: DevtoolsOptions): Stop {
  const { replica, inspect, as = 'drawer', theme = 'system', resized = () => undefined, closed } = options
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  root.adoptedStyleSheets = [sheet]
  element.dataset.theme = theme
  const context: PanelContext = {
    replica,
    inspect,
    collections: new Changing(options.collections ?? []),
    failed: new Changing<string | undefined>(undefined),
    chosen: new Changing<Chosen | undefined>(undefined),
    go: (tab) => tabs.show(tab),
  }
  const inspecting = (view: (context: PanelContext, inspect: Inspect) => View) => () =>
    inspect ? view(context, inspect) : withoutInspect()
  const tabs = new TabList({
    Log: inspecting(logView),
    Records: () => recordsView(context),
    History: () => historyView(context),
    Concurrent: () => concurrentView(context),
    Sessions: inspecting(sessionsView),
    Network: inspecting((_, given) => networkView(given)),
  })
  const close = closed && button('×', closed, { class: 'close', 'aria-label': 'Close the developer tools' })
  const panel = h(
    'section',
    { class: as === 'drawer' ? 'panel drawer' : 'panel', 'aria-label': 'Skerry developer tools' },
    h('div', { class: 'head' }, h('h2', { text: 'Skerry' }), tabs.tabs, close),
    tabs.body,
  )
  const ending = new AbortController()
  if (as === 'drawer') {
    const { element: edge, fit } = grip(panel, resized)
    panel.prepend(edge)
    fit()
    addEventListener('resize', fit, { signal: ending.signal })
  }
  root.replaceChildren(panel)
  tabs.show(inspect ? 'Log' : 'Records')
  inspect?.about().then(
    ({ collections }) => ending.signal.aborted || context.collections.set(collections),
    (error: Error) => ending.signal.aborted || context.failed.set(error.message),
  )
  return () => {
    if (ending.signal.aborted) return
    ending.abort()
    tabs.end()
    root.replaceChildren()
    if (as === 'drawer') resized(0)
  }
}
