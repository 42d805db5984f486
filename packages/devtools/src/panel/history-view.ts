/** The history of the record chosen: a slider over its changes, with what each was and what it changed. */
import type { Json } from '@skerry/core'
import { textDifference } from '../models/diff.ts'
import { HistoryModel, type HistoryState, type Moment } from '../models/history-model.ts'
import { pathWords, timeWords } from '../models/words.ts'
import { button, Facts, fill, h, jsonView, write } from './dom.ts'
import { Failure, noneChosen, type PanelContext, type View } from './view.ts'
import { watchRecord } from './watch-record.ts'

export function historyView(context: PanelContext): View {
  const model = new HistoryModel(context.replica)
  const failure = new Failure()
  const title = h('h3', { class: 'id' })
  const slider = h('input', { type: 'range', min: 0, max: 0, 'aria-label': 'Change' })
  slider.addEventListener('input', () => void model.choose(Number(slider.value)))
  const step = (by: number) => () => void model.choose(model.state.value.index + by)
  const back = button('◀', step(-1), { 'aria-label': 'The change before' })
  const on = button('▶', step(1), { 'aria-label': 'The change after' })
  const position = h('p', { class: 'soft' })
  const facts = new Facts(['Author', 'Written', 'Actor', 'Hash', 'Fields'], 'Change')
  const changed = h('div')
  const value = h('div')
  const body = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'History of the record' },
    title,
    h('div', { class: 'bar' }, back, slider, on),
    position,
    h(
      'div',
      { class: 'columns' },
      h('div', {}, facts.element, h('h4', { text: 'Difference to the change before' }), changed),
      h('div', {}, h('h4', { text: 'The record after it' }), value),
    ),
  )
  const empty = noneChosen(() => context.go('Records'))
  const show = (state: HistoryState) => {
    const { items, index, moment } = state
    failure.show(state.failed)
    slider.max = String(Math.max(0, items.length - 1))
    slider.value = String(Math.max(0, index))
    slider.disabled = items.length < 2
    back.disabled = index <= 0
    on.disabled = index >= items.length - 1
    const item = items[index]
    const where = item
      ? `Change ${index + 1} of ${items.length}`
      : state.isLoading
        ? 'Reading …'
        : 'It has no history here.'
    write(position, where)
    const who = item?.author ?? 'unknown'
    slider.setAttribute(
      'aria-valuetext',
      item ? `${where}, by ${who}, ${timeWords(item.time, Date.now())}` : where,
    )
    facts.show({
      Author: item ? who : '–',
      Written: timeWords(item?.time || undefined, Date.now()),
      Actor: item ? `${item.actor} #${item.seq}` : '–',
      Hash: item?.hash ?? '–',
      Fields: item?.fields.map(pathWords).join(', ') || '–',
    })
    if (moment !== shown) showMoment(moment)
    shown = moment
  }
  let shown: Moment | undefined
  const showMoment = (moment: Moment | undefined) => {
    fill(changed, moment && differenceTable(moment))
    fill(
      value,
      moment &&
        (moment.value
          ? jsonView(moment.value, 'Value')
          : h('p', { class: 'note', text: 'It was deleted then.' })),
    )
  }
  const element = h('div', { class: 'view' }, failure.element, empty, body)
  return {
    element,
    show() {
      let stopWatching = () => {}
      const stops = [
        model.state.follow(show),
        context.chosen.follow((chosen) => {
          stopWatching()
          empty.hidden = chosen !== undefined
          body.hidden = chosen === undefined
          if (!chosen) return
          write(title, `${chosen.collection}/${chosen.id}`)
          // Told now, and whenever it changes.
          stopWatching = watchRecord(
            context,
            chosen,
            () => void model.show(chosen),
            (words) => failure.show(words),
          )
        }),
      ]
      return () => {
        stopWatching()
        for (const stop of stops) stop()
      }
    },
  }
}

function differenceTable({ differences }: Moment): HTMLElement {
  if (differences.length === 0) return h('p', { class: 'note', text: 'No value differs.' })
  const rows = differences.map(({ path, before, after, isOfOther }) =>
    h(
      'tr',
      {},
      h(
        'th',
        { scope: 'row', class: 'id' },
        pathWords(path),
        isOfOther && h('span', { class: 'badge', text: 'made beside it' }),
      ),
      h('td', {}, ...valuesOf(before, after)),
    ),
  )
  return h(
    'table',
    { class: 'difference' },
    h('caption', { class: 'read-out', text: 'What differs' }),
    h('tbody', {}, ...rows),
  )
}

function valuesOf(before: Json | undefined, after: Json | undefined): Node[] {
  if (typeof before === 'string' && typeof after === 'string') {
    const { head, removed, added, tail } = textDifference(before, after)
    return [
      h(
        'span',
        { class: 'text' },
        head,
        removed !== '' && h('del', { text: removed }),
        added !== '' && h('ins', { text: added }),
        tail,
      ),
    ]
  }
  return [
    ...(before === undefined ? [] : [h('del', { text: said(before) })]),
    ...(before !== undefined && after !== undefined ? [document.createTextNode(' → ')] : []),
    ...(after === undefined ? [] : [h('ins', { text: said(after) })]),
  ]
}

function said(value: Json): string {
  return typeof value === 'string' ? value || '(empty)' : JSON.stringify(value)
}
