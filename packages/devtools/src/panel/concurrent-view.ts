/** Fields of the record chosen in which writers met: every value, and who wrote it. */
import type { ConcurrentValues } from '@skerry/core'
import { pathWords, shortId, timeWords } from '../models/words.ts'
import { fill, h, write } from './dom.ts'
import { Failure, noneChosen, type PanelContext, type View } from './view.ts'
import { watchRecord } from './watch-record.ts'

export function concurrentView(context: PanelContext): View {
  const failure = new Failure()
  const title = h('h3', { class: 'id' })
  const fields = h('div')
  const body = h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Concurrent values of the record' },
    title,
    fields,
  )
  const empty = noneChosen(() => context.go('Records'))
  const element = h('div', { class: 'view' }, failure.element, empty, body)
  return {
    element,
    show() {
      let stopWatching = () => {}
      let asked = 0
      const stop = context.chosen.follow((chosen) => {
        stopWatching()
        asked += 1
        empty.hidden = chosen !== undefined
        body.hidden = chosen === undefined
        if (!chosen) return
        const { collection, id } = chosen
        write(title, `${collection}/${id}`)
        const look = async () => {
          const turn = ++asked
          try {
            const found = await context.replica.concurrent(collection, id)
            if (turn !== asked) return
            failure.show(undefined)
            fill(fields, ...shownOf(found))
          } catch (error) {
            if (turn === asked) failure.show((error as Error).message)
          }
        }
        stopWatching = watchRecord(
          context,
          chosen,
          () => void look(),
          (words) => failure.show(words),
        )
      })
      return () => {
        asked += 1
        stopWatching()
        stop()
      }
    },
  }
}

function shownOf(found: readonly ConcurrentValues[]): Node[] {
  if (found.length === 0)
    return [
      h('p', {
        class: 'note',
        text: 'No field of it has more than one value: nobody wrote one without knowing of the other.',
      }),
    ]
  return found.map(({ path, values }) =>
    h(
      'table',
      {},
      h('caption', { class: 'id', text: pathWords(path) }),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Value', 'Author', 'Written', 'Actor'].map((text) => h('th', { scope: 'col', text })),
        ),
      ),
      h(
        'tbody',
        {},
        ...values.map(({ value, author, actor, time }, i) =>
          h(
            'tr',
            {},
            h(
              'td',
              {},
              h('code', { text: JSON.stringify(value) }),
              ' ',
              i === 0 && h('span', { class: 'badge good', text: 'shown' }),
            ),
            h('td', { text: author ?? 'unknown' }),
            h('td', { text: timeWords(time, Date.now()) }),
            h('td', { class: 'id', title: actor, text: shortId(actor) }),
          ),
        ),
      ),
    ),
  )
}
