/** What waits to be sent, in order, with the reason and what can be done. */
import type { Waiting } from '@skerry/live'
import { OrderName } from '../order/order-name.tsx'
import { useHasChangedHands } from '../order/use-touched.ts'
import { Page } from '../pieces/page.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useNow } from '../replica/use-now.ts'
import { OUTBOX_LISTED_MAX, useOutbox, useSync } from '../replica/use-states.ts'
import { blockedHint } from '../sync/blocked-hint.ts'
import { LineReason } from '../sync/line-reason.tsx'
import { useFormat, useWords } from '../words/use-words.ts'

export function OutboxPage() {
  const words = useWords()
  const waiting = useOutbox()
  const hasChangedHands = useHasChangedHands()
  return (
    <Page title={words.pages.outbox}>
      <p>{words.outbox.lead}</p>
      {hasChangedHands && waiting && waiting.length > 0 && <p>{words.sync.sentAs}</p>}
      {waiting && waiting.length > 0 && <Why />}
      {waiting?.length === 0 && <p className="banner good">{words.outbox.empty}</p>}
      <ol className="cards" aria-label={words.pages.outbox}>
        {waiting?.map((one, index) => (
          <li key={`${one.collection}/${one.id}`}>
            <Item waiting={one} index={index + 1} />
          </li>
        ))}
      </ol>
      {waiting?.length === OUTBOX_LISTED_MAX && <p>{words.outbox.more(OUTBOX_LISTED_MAX)}</p>}
    </Page>
  )
}

function Item({ waiting, index }: { waiting: Waiting; index: number }) {
  const words = useWords()
  return (
    <div className="card row">
      <span className="number">{words.outbox.position(index)}</span>
      <div>
        <OrderName id={waiting.id} />
        <p className="soft">
          {words.outbox.edits(waiting.edits)}, {words.outbox.since(waiting.since)}
        </p>
      </div>
    </div>
  )
}

function Why() {
  const words = useWords()
  const format = useFormat()
  const replica = useReplica()
  const sync = useSync()
  const now = useNow()
  if (!sync || sync.phase === 'open') return null
  const isRetrying = sync.phase === 'waiting' && sync.retryAt !== undefined
  return (
    <div className="banner warn">
      <div>
        <strong>
          {words.outbox.why}: {words.sync.phase[sync.phase]}
        </strong>
        {sync.reason && sync.phase !== 'off' && <LineReason reason={sync.reason} />}
        {isRetrying && <p>{words.sync.again(Math.max(sync.retryAt ?? now, now), now)}</p>}
        {sync.phase === 'blocked' && <p>{blockedHint(sync.reason, words)}</p>}
      </div>
      {sync.phase === 'off' ? (
        <a className="button" href="#/settings">
          {words.pages.settings}
        </a>
      ) : (
        <button type="button" lang={format.locale} onClick={() => replica.wake()}>
          {words.sync.tryNow}
        </button>
      )}
    </div>
  )
}
