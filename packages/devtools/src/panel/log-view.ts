/** The newest entries of the log, as they come; each opens to what is in it. */
import type { Inspect, InspectedEntry, LoggedItem } from '@skerry/live'
import { filtered, LogModel, type LogState } from '../models/log-model.ts'
import { bytesWords, countWords, shortId, timeWords } from '../models/words.ts'
import { button, Facts, fill, h, Keyed, write } from './dom.ts'
import { Failure, type PanelContext, type View } from './view.ts'

type Row = { kind: 'entry'; item: LoggedItem } | { kind: 'opened'; item: LoggedItem }

export function logView(context: PanelContext, inspect: Inspect): View {
  const model = new LogModel(inspect)
  const opened = new Set<number>()
  const failure = new Failure()
  const search = h('input', { type: 'search', 'aria-label': 'Filter entries', placeholder: 'Filter' })
  const pause = button('Pause', () => model.pause(!model.state.value.isPaused), { 'aria-pressed': 'false' })
  const summary = h('p', { class: 'soft grow' })
  const more = button('Older entries', () => void model.more())
  const body = h('tbody')
  const rows = new Keyed<Row>(
    body,
    // Who wrote it, and where it was heard, may become known later.
    ({ kind, item }) => `${kind} ${item.seq} ${item.author} ${item.heardFrom?.subject}`,
    ({ kind, item }) =>
      kind === 'entry' ? entryRow(item, opened.has(item.seq), toggle) : openedRow(context, inspect, item),
  )
  const show = (state: LogState) => {
    const entries = filtered(state.entries, search.value)
    rows.show(
      entries.flatMap((item): Row[] =>
        opened.has(item.seq)
          ? [
              { kind: 'entry', item },
              { kind: 'opened', item },
            ]
          : [{ kind: 'entry', item }],
      ),
    )
    failure.show(state.failed)
    const waiting = state.waiting > 0 ? `, ${state.waiting} newer waiting` : ''
    write(
      summary,
      `Head ${state.head.toLocaleString('en')}, ${countWords(entries.length, 'entry', 'entries')} shown${waiting}`,
    )
    more.hidden = state.older === undefined
    pause.setAttribute('aria-pressed', String(state.isPaused))
    write(pause, state.isPaused ? 'Go on' : 'Pause')
  }
  const toggle = (seq: number, press: HTMLButtonElement) => {
    if (!opened.delete(seq)) opened.add(seq)
    press.setAttribute('aria-expanded', String(opened.has(seq)))
    show(model.state.value)
  }
  search.addEventListener('input', () => show(model.state.value))
  const table = h(
    'table',
    {},
    h('caption', { class: 'read-out', text: 'Entries of the log, newest first' }),
    h(
      'thead',
      {},
      h('tr', {}, ...headings.map(([text, kind]) => h('th', { scope: 'col', class: kind, text }))),
    ),
    body,
  )
  const element = h(
    'div',
    { class: 'view' },
    h('div', { class: 'bar' }, search, summary, pause),
    failure.element,
    h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Entries' }, table, more),
  )
  return {
    element,
    show() {
      const stops = [model.state.follow(show), model.start()]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

const headings = [
  ['Seq', 'number'],
  ['Kind', ''],
  ['Record', ''],
  ['Author', ''],
  ['Written', 'wide'],
  ['Size', 'number wide'],
  ['From', 'wide'],
] as const

function entryRow(
  item: LoggedItem,
  isOpened: boolean,
  toggle: (seq: number, press: HTMLButtonElement) => void,
): HTMLElement {
  const { seq, kind, record, author, at, bytes } = item
  const press: HTMLButtonElement = button(String(seq), () => toggle(seq, press), {
    class: 'open',
    'aria-expanded': String(isOpened),
    'aria-label': `Entry ${seq}`,
  })
  return h(
    'tr',
    {},
    h('td', { class: 'number' }, press),
    h('td', {}, h('span', { class: `kind k-${kind}`, text: kind })),
    h('td', { class: 'id', title: record, text: record }),
    h('td', { text: author ?? shortId(item.actor) }),
    h('td', { class: 'wide', text: timeWords(at, Date.now()) }),
    h('td', { class: 'number wide', text: bytesWords(bytes) }),
    h('td', { class: 'wide', text: fromWords(item) }),
  )
}

function fromWords({ heardFrom }: LoggedItem): string {
  if (!heardFrom) return 'here'
  return `${heardFrom.subject ?? `run ${shortId(heardFrom.run)}`} #${heardFrom.seq}`
}

function openedRow(context: PanelContext, inspect: Inspect, item: LoggedItem): HTMLElement {
  const box = h('div', { class: 'opened' }, h('p', { class: 'soft', text: 'Reading …' }))
  inspect.entry(item.seq).then(
    (entry) => fill(box, ...(entry ? partsOf(context, entry) : ['It stands in the log no more.'])),
    (error: Error) => fill(box, h('p', { class: 'note bad', role: 'alert', text: error.message })),
  )
  return h('tr', { class: 'opened-row' }, h('td', { colspan: headings.length }, box))
}

function partsOf(context: PanelContext, entry: InspectedEntry): Node[] {
  const facts = new Facts(['Actor', 'Author', 'Written', 'Size', 'Heard from', 'Incarnation'])
  facts.show({
    Actor: entry.actor ?? '–',
    Author: entry.author ?? '–',
    Written: timeWords(entry.at, Date.now()),
    Size: bytesWords(entry.bytes),
    'Heard from': fromWords(entry),
    Incarnation: String(entry.incarnation),
  })
  const [collection = '', ...id] = entry.record.split('/')
  const isRecord = context.collections.value.includes(collection)
  const goTo = (tab: 'Records' | 'History') =>
    button(tab === 'History' ? 'Its history' : 'The record', () => {
      context.chosen.set({ collection, id: id.join('/') })
      context.go(tab)
    })
  const changes = entry.parts.map(({ hash, seq, operations, bytes, deps }) =>
    h(
      'li',
      {},
      h('code', { text: hash.slice(0, 16) }),
      ` #${seq}, ${countWords(operations, 'operation')}, ${bytesWords(bytes)}, on ${deps.length === 0 ? 'nothing' : deps.map((dep) => dep.slice(0, 8)).join(', ')}`,
    ),
  )
  return [
    facts.element,
    ...(changes.length > 0 ? [h('ol', { class: 'changes', 'aria-label': 'Changes' }, ...changes)] : []),
    ...(isRecord ? [h('div', { class: 'bar' }, goTo('Records'), goTo('History'))] : []),
  ]
}
