/** Instead of an order that is not on this device: why, as far as it can be known, and what was written in it and refused. */
import { keyOf } from '@skerry/core'
import { useState, useSyncExternalStore } from 'react'
import { AsideView } from '../decide/aside-view.tsx'
import { DeletedView } from '../decide/deleted-view.tsx'
import { deletionOf } from '../decide/deletion.ts'
import { Done } from '../pieces/done.tsx'
import { Failed } from '../pieces/failed.tsx'
import { Waiting } from '../pieces/waiting.tsx'
import { useReplica } from '../replica/replica-context.ts'
import { useAsked } from '../replica/use-asked.ts'
import { useAside, useSync } from '../replica/use-states.ts'
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'
import { ORDERS } from './order.ts'
import { onTyped, typedIn } from './unkept.ts'

export function MissingOrder({ id }: { id: string }) {
  const replica = useReplica()
  const sync = useSync()
  const me = sync?.credential?.subject
  const [done, setDone] = useState('')
  const aside = useAside()?.filter(({ record }) => record === keyOf(ORDERS, id))
  const { value: deletion, failed } = useAsked(sync && JSON.stringify([id, me]), () =>
    deletionOf(replica, id, me),
  )
  return (
    <>
      <Done words={done} />
      {deletion && <DeletedView deletion={deletion} told={setDone} />}
      <Failed reason={failed} />
      {deletion === undefined && failed === undefined && <Waiting />}
      <TypedView id={id} />
      {deletion === null && <NotHere isSignedIn={sync?.credential !== undefined} />}
      {aside?.map((edit) => (
        <AsideView key={edit.key} edit={edit} told={setDone} />
      ))}
    </>
  )
}

/** What nothing else has. */
function TypedView({ id }: { id: string }) {
  const words = useWords()
  const typed = useSyncExternalStore(onTyped, () => typedIn(id))
  if (!typed) return null
  return (
    <div className="card keep">
      <h2>{words.order.typed}</h2>
      <p className="as-written">{typed.wanted}</p>
      <p className="soft">{words.order.typedHint}</p>
    </div>
  )
}

function NotHere({ isSignedIn }: { isSignedIn: boolean }) {
  const words = useWords()
  if (isSignedIn) return <p className="banner warn">{words.order.missing}</p>
  return (
    <>
      <p className="banner warn">{words.order.signInFirst}</p>
      <a className="button" href={hashOf({ page: 'enrol', code: '' })}>
        {words.settings.signIn}
      </a>
    </>
  )
}
