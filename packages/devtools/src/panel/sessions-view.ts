/** The state of sync, and each line with its session and how those before it ended. */
import type { Inspect, InspectedEnding, InspectedLine, Stop, SyncState } from '@skerry/live'
import { bytesWords, shortId, spanWords, timeWords } from '../models/words.ts'
import { Facts, h, Keyed, write } from './dom.ts'
import { Failure, type PanelContext, type View } from './view.ts'

export function sessionsView(context: PanelContext, inspect: Inspect): View {
  const failure = new Failure()
  const sync = new Facts(
    ['Sync', 'Unanswered edits', 'Set aside', 'Last contact', 'Tried again', 'Why', 'Credential'],
    'State of sync',
  )
  const lines = h('div', { class: 'cards' })
  const none = h('p', { class: 'note', text: 'There is no line: the app is off the network, or has no hub.' })
  const cards = new Map<Element, LineCard>()
  const rows = new Keyed<InspectedLine>(
    lines,
    ({ id }) => id,
    () => {
      const card = new LineCard()
      cards.set(card.element, card)
      return card.element
    },
    (element, line) => cards.get(element)!.show(line),
  )
  const element = h(
    'div',
    { class: 'view' },
    failure.element,
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Sessions' },
      h('section', { class: 'card' }, h('h3', { text: 'Sync' }), sync.element),
      none,
      lines,
    ),
  )
  return {
    element,
    show() {
      const failed = ({ message }: Error) => failure.show(message)
      const stops: Stop[] = [
        context.replica.watchSync((state) => sync.show(syncFacts(state)), failed),
        inspect.watchLines((all) => {
          failure.show(undefined)
          none.hidden = all.length > 0
          rows.show(all)
        }, failed),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

function syncFacts(
  state: SyncState,
): Parameters<
  Facts<
    'Sync' | 'Unanswered edits' | 'Set aside' | 'Last contact' | 'Tried again' | 'Why' | 'Credential'
  >['show']
>[0] {
  const now = Date.now()
  const { credential } = state
  return {
    Sync: state.phase,
    'Unanswered edits': String(state.pending),
    'Set aside': String(state.aside),
    'Last contact': timeWords(state.lastContactAt, now),
    'Tried again': state.retryAt === undefined ? '–' : timeWords(state.retryAt, now),
    Why: state.reason ? `${state.reason.code}: ${state.reason.words}` : '–',
    Credential: credential ? `${credential.subject}, until ${timeWords(credential.expiresAt, now)}` : 'none',
  }
}

const lineNames = [
  'Peer',
  'Since',
  'May read',
  'Bytes in / out',
  'Messages in / out',
  'Entries in / out',
  'Credit',
  'Unacknowledged',
  'Queued',
  'Last contact',
  'Why',
] as const

class LineCard {
  readonly #title = h('h3')
  readonly #facts = new Facts(lineNames)
  readonly #endings = h('tbody')
  readonly #endingsBox = h(
    'table',
    {},
    h('caption', { text: 'Sessions that ended' }),
    h(
      'thead',
      {},
      h('tr', {}, ...['Ended', 'Lasted', 'Code', 'Words'].map((text) => h('th', { scope: 'col', text }))),
    ),
    this.#endings,
  )
  readonly #rows = new Keyed<InspectedEnding>(this.#endings, ({ at, code }) => `${at} ${code}`, endingRow)
  readonly element = h('section', { class: 'card' }, this.#title, this.#facts.element, this.#endingsBox)

  show({ id, phase, session, endings, lastContactAt, reason }: InspectedLine): void {
    const now = Date.now()
    const state =
      session?.phase === 'open'
        ? `open, ${session.current ? 'in step' : 'at work'}`
        : (session?.phase ?? phase)
    write(this.#title, `Line ${id}: ${state}`)
    this.#facts.show({
      Peer: session?.peer
        ? `${session.peer.subject} (${session.peer.role}, node ${shortId(session.peer.node)})`
        : '–',
      Since: session ? `${timeWords(session.since, now)}, ${spanWords(now - session.since)}` : '–',
      'May read': session?.granted.read.join(', ') || '–',
      'Bytes in / out': session ? `${bytesWords(session.bytesIn)} / ${bytesWords(session.bytesOut)}` : '–',
      'Messages in / out': session ? `${session.messagesIn} / ${session.messagesOut}` : '–',
      'Entries in / out': session ? `${session.entriesIn} / ${session.entriesOut}` : '–',
      Credit: session ? bytesWords(Math.max(0, session.creditBytes)) : '–',
      Unacknowledged: session ? `${session.unacknowledged} frames` : '–',
      Queued: session ? bytesWords(session.bufferedBytes) : '–',
      'Last contact': timeWords(lastContactAt, now),
      Why: reason ? `${reason.code}: ${reason.words}` : '–',
    })
    this.#endingsBox.hidden = endings.length === 0
    this.#rows.show(endings)
  }
}

function endingRow({ at, lastedMs, code, reason, words }: InspectedEnding): HTMLElement {
  return h(
    'tr',
    {},
    h('td', { text: timeWords(at, Date.now()) }),
    h('td', { text: spanWords(lastedMs) }),
    h('td', { class: 'number', text: String(code) }),
    h('td', { text: words ? `${reason}: ${words}` : reason || 'the line broke' }),
  )
}
