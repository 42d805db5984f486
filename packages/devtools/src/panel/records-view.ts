/** Records by collection, and all that can be said of one. */
import type { JsonObject } from '@skerry/core'
import type { InspectedRecord, LiveRecord, Stop } from '@skerry/live'
import { LISTED_MAX, type Marks, noMarks, RecordsModel } from '../models/records-model.ts'
import { bytesWords, countWords } from '../models/words.ts'
import { button, Facts, fill, h, jsonView, Keyed, write } from './dom.ts'
import { Failure, type PanelContext, type View } from './view.ts'

export function recordsView(context: PanelContext): View {
  const model = new RecordsModel(context.replica)
  const failure = new Failure()
  const select = h('select', { 'aria-label': 'Collection', on: { change: () => search() } })
  const id = h('input', { type: 'search', 'aria-label': 'Id begins with', placeholder: 'Id begins with' })
  id.addEventListener('input', () => search())
  const count = h('p', { class: 'soft grow' })
  const list = h('ul', { class: 'list', 'aria-label': 'Records' })
  const detail = h('div', { class: 'detail' })
  const search = () => select.value && model.search(select.value, id.value)
  const choose = (record: string) => {
    context.chosen.set({ collection: select.value, id: record })
  }
  const rows = new Keyed<LiveRecord>(
    list,
    (record) => record.id,
    (record) =>
      h(
        'li',
        {},
        button('', () => choose(record.id), { class: 'row' }),
      ),
    (element, record) => showRow(element.firstElementChild!, record, marksOf(record.id), isChosen(record.id)),
  )
  const marksOf = (of: string) => model.marks.value.get(`${select.value}/${of}`) ?? noMarks
  const isChosen = (of: string) => {
    const { chosen } = context
    return chosen.value?.id === of && chosen.value.collection === select.value
  }
  const showList = () => {
    const { records, isLoading, failed } = model.state.value
    rows.show(records)
    failure.show(failed ?? context.failed.value)
    const many = records.length >= LISTED_MAX ? ` (the first ${LISTED_MAX})` : ''
    write(count, isLoading ? 'Reading …' : `${countWords(records.length, 'record')}${many}`)
  }
  let asked = 0
  let shown = ''
  const showDetail = async () => {
    const { value: chosen } = context.chosen
    const turn = ++asked
    if (!chosen) return fill(detail, h('p', { class: 'note', text: 'Choose a record to see it.' }))
    try {
      const [value, state] = await Promise.all([
        context.replica.get(chosen.collection, chosen.id),
        context.inspect?.record(chosen.collection, chosen.id),
      ])
      if (turn !== asked) return
      const marks = model.marks.value.get(`${chosen.collection}/${chosen.id}`) ?? noMarks
      const found = { name: `${chosen.collection}/${chosen.id}`, value, state, marks }
      // What is the same stays as it is, with the focus that it may have.
      if (JSON.stringify(found) === shown) return
      shown = JSON.stringify(found)
      fill(detail, ...detailOf(context, found))
    } catch (error) {
      if (turn === asked)
        fill(detail, h('p', { class: 'note bad', role: 'alert', text: (error as Error).message }))
    }
  }
  const element = h(
    'div',
    { class: 'view' },
    h('div', { class: 'bar' }, select, id, count),
    failure.element,
    h(
      'div',
      { class: 'split' },
      h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'List of records' }, list),
      h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'The record' }, detail),
    ),
  )
  return {
    element,
    show() {
      const both = () => {
        showList()
        void showDetail()
      }
      const stops: Stop[] = [
        context.collections.follow((names) => {
          const { value } = select
          fill(select, ...names.map((name) => h('option', { value: name, text: name })))
          select.value = names.includes(value) ? value : (context.chosen.value?.collection ?? names[0] ?? '')
          search()
        }),
        model.start(),
        model.state.follow(both),
        model.marks.follow(both),
        context.failed.follow((words) => words !== undefined && failure.show(words)),
        context.chosen.follow((chosen) => {
          if (chosen && chosen.collection !== select.value) {
            select.value = chosen.collection
            search()
          }
          both()
        }),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function showRow(row: Element, record: LiveRecord, marks: Marks, isChosen: boolean): void {
  row.setAttribute('aria-pressed', String(isChosen))
  const title = titleOf(record)
  const text = `${record.id} ${title} ${JSON.stringify(marks)}`
  if (row.getAttribute('data-shown') === text) return
  row.setAttribute('data-shown', text)
  fill(
    row,
    h('span', { class: 'id', text: record.id }),
    h('span', { class: 'soft clip', text: String(title ?? '') }),
    ...badges(marks),
  )
}

/** What people call it, where a field says so by its name; else the first text of it. */
function titleOf(record: LiveRecord): unknown {
  const { title, name, label, subject } = record
  const told = [title, name, label, subject, ...Object.values(record)]
  return told.find((value) => typeof value === 'string' && value !== '' && value !== record.id)
}

function badges({ unanswered, aside, quarantined }: Marks): Node[] {
  return [
    ...(unanswered > 0 ? [h('span', { class: 'badge warn', text: `${unanswered} unsent` })] : []),
    ...(aside.length > 0 ? [h('span', { class: 'badge bad', text: `${aside.length} aside` })] : []),
    ...(quarantined ? [h('span', { class: 'badge bad', text: 'quarantined' })] : []),
  ]
}

interface Detail {
  name: string
  value: JsonObject | undefined
  state: InspectedRecord | undefined
  marks: Marks
}

function detailOf(context: PanelContext, { name, value, state, marks }: Detail): Node[] {
  const reasons = [...marks.aside, ...(marks.quarantined ? [marks.quarantined] : [])]
  return [
    h('h3', { class: 'id', text: name }),
    h(
      'div',
      { class: 'bar' },
      button('History', () => context.go('History')),
      button('Concurrent values', () => context.go('Concurrent')),
      ...badges(marks),
    ),
    ...reasons.map((reason) => h('p', { class: 'note bad', text: reason })),
    ...(value
      ? [jsonView(value, 'Value')]
      : [h('p', { class: 'note', text: state ? 'It was deleted.' : 'It is not here.' })]),
    ...(state ? [factsOf(state)] : []),
  ]
}

function factsOf(state: InspectedRecord): HTMLElement {
  const facts = new Facts(['Heads', 'Channels', 'Entries', 'Operations', 'Actors', 'Incarnation'], 'State')
  facts.show({
    Heads: state.heads.join(' ') || '–',
    Channels: state.channels.join(', ') || '–',
    Entries: `${state.entries.toLocaleString('en')}, ${bytesWords(state.bytes)}`,
    Operations: state.operations.toLocaleString('en'),
    Actors: String(state.actors),
    Incarnation: String(state.incarnation),
  })
  return facts.element
}
