/** Whether this device will keep the work, and what can be done about it. */
import { useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { Page } from '../pieces/page.tsx'
import { Technical } from '../pieces/technical.tsx'
import { Waiting } from '../pieces/waiting.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAction } from '../replica/use-action.ts'
import { useStorage, useSync } from '../replica/use-states.ts'
import { BesideView } from '../start/beside-view.tsx'
import { useInstall } from '../start/use-install.ts'
import { useWords } from '../words/use-words.ts'

const looks = { kept: 'good', evictable: 'warn', 'gone-on-close': 'bad', failed: 'bad' } as const

export function StoragePage() {
  const words = useWords()
  const storage = useStorage()
  const pending = useSync()?.pending ?? 0
  const back = (
    <a className="back" href="#/settings">
      {words.pages.settings}
    </a>
  )
  return (
    <Page title={words.pages.storage} above={back}>
      <p>{words.storage.lead}</p>
      {!storage && <Waiting />}
      {storage && (
        <div className={`banner ${looks[storage.health]}`}>
          <p>{words.storage.health[storage.health]}</p>
          <Technical said={storage.reason} />
        </div>
      )}
      {pending > 0 && <p>{words.storage.unsent(pending)}</p>}
      {storage && storage.health !== 'kept' && <Persist />}
      {storage?.usedBytes !== undefined && <Used used={storage.usedBytes} quota={storage.quotaBytes} />}
      <Install />
      <BesideView />
    </Page>
  )
}

function Persist() {
  const words = useWords()
  const replica = useReplica()
  const action = useAction()
  const [isDenied, setDenied] = useState(false)
  return (
    <>
      <button
        type="button"
        className="main"
        disabled={action.isRunning}
        onClick={() => action.run(async () => setDenied((await replica.persist()).health !== 'kept'))}
      >
        {words.storage.persist}
      </button>
      <p role="status">{isDenied && words.storage.denied}</p>
      <Failed reason={action.failed} />
    </>
  )
}

function Used({ used, quota }: { used: number; quota: number | undefined }) {
  const words = useWords()
  if (quota === undefined) return <p>{words.storage.usedOnly(used)}</p>
  return (
    <p className="stack">
      <meter aria-label={words.storage.meter} min={0} max={quota} value={used} />
      {words.storage.used(used, quota)}
    </p>
  )
}

function Install() {
  const words = useWords()
  const { state, ask } = useInstall()
  return (
    <section className="stack">
      <h2>{words.storage.install}</h2>
      <p>{state === 'installed' ? words.storage.installed : words.storage.installWhy}</p>
      {state === 'offered' && (
        <button type="button" onClick={ask}>
          {words.storage.install}
        </button>
      )}
      {state === 'by-hand' && <p className="soft">{words.storage.installHow}</p>}
    </section>
  )
}
