/** What is saved where, and how the line to the hub stands. */
import type { SyncState } from '@skerry/live'
import { useHasChangedHands } from '../order/use-touched.ts'
import { Icon } from '../pieces/icon.tsx'
import { Sheet } from '../pieces/sheet.tsx'
import { personName } from '../pieces/values.ts'
import { useReplica } from '../replica/replica-context.ts'
import { useNow } from '../replica/use-now.ts'
import { useWords } from '../words/use-words.ts'
import { blockedHint } from './blocked-hint.ts'
import { LineReason } from './line-reason.tsx'
import type { Stage } from './stage.ts'
import { stageIcons } from './stage-icons.ts'

const stages = ['here', 'hub', 'office'] as const
const meanings = { here: 'hereLong', hub: 'hubLong', office: 'officeLong' } as const

export interface SyncSheetProps {
  sync: SyncState | undefined
  stage: Stage
  closed(): void
}

export function SyncSheet({ sync, stage, closed }: SyncSheetProps) {
  const words = useWords()
  const reached = stages.indexOf(stage)
  return (
    <Sheet title={words.sync.details} closed={closed}>
      <ol className="stages">
        {stages.map((one, index) => (
          <li key={one} className={index <= reached ? 'reached' : 'ahead'}>
            <Icon name={index <= reached ? 'check' : stageIcons[one]} />
            <div>
              <strong>{index <= reached ? words.sync[one] : words.sync.notYet(words.sync[one])}</strong>
              <p>{words.sync[meanings[one]]}</p>
            </div>
          </li>
        ))}
      </ol>
      {sync && <Line sync={sync} />}
    </Sheet>
  )
}

function Line({ sync }: { sync: SyncState }) {
  const words = useWords()
  const replica = useReplica()
  const now = useNow()
  const hasChangedHands = useHasChangedHands()
  const { phase, pending, lastContactAt, retryAt, reason, credential } = sync
  return (
    <div className="line-state">
      <p>
        <strong>{words.sync.phase[phase]}</strong>
      </p>
      {reason && phase !== 'off' && <LineReason reason={reason} />}
      {phase === 'blocked' && <p>{blockedHint(reason, words)}</p>}
      <p>{pending > 0 ? words.sync.pending(pending) : words.sync.nonePending}</p>
      {pending > 0 && hasChangedHands && <p>{words.sync.sentAs}</p>}
      <p>{lastContactAt === undefined ? words.sync.noContact : words.sync.contact(lastContactAt, now)}</p>
      {phase === 'waiting' && retryAt !== undefined && <p>{words.sync.again(Math.max(retryAt, now), now)}</p>}
      {credential && (
        <p>
          {words.sync.signedIn(personName(credential.subject, words))},{' '}
          {words.sync.until(credential.expiresAt)}
        </p>
      )}
      {phase === 'waiting' && (
        <button type="button" onClick={() => replica.wake()}>
          {words.sync.tryNow}
        </button>
      )}
    </div>
  )
}
