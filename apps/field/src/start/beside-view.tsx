/** The replicas of earlier hubs that lie beside the open one: to be looked at, or deleted after a question. */
import { useState } from 'react'
import { Failed } from '../pieces/failed.tsx'
import { personName } from '../pieces/values.ts'
import { useAction } from '../replica/use-action.ts'
import { useWords } from '../words/use-words.ts'
import { deleteReplica } from './delete-replica.ts'
import { broughtBack, type ReplicaBeside, readReplicas } from './replicas.ts'
import { useLeaving } from './use-replicas.ts'

export function BesideView() {
  const words = useWords()
  const [beside, setBeside] = useState(() => readReplicas().beside)
  if (beside.length === 0) return null
  return (
    <section className="stack">
      <h2>{words.storage.beside.title}</h2>
      <p>{words.storage.beside.lead}</p>
      <ul className="cards">
        {beside.map((one) => (
          <li key={one.name}>
            <Item one={one} removed={() => setBeside(readReplicas().beside)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Item({ one, removed }: { one: ReplicaBeside; removed(): void }) {
  const words = useWords()
  const said = words.storage.beside
  const leaving = useLeaving()
  const { run, isRunning, failed } = useAction()
  const [isAsked, setAsked] = useState(false)
  const [isHeld, setHeld] = useState(false)
  const { edits, photos } = one.undelivered
  const open = async () => {
    const left = await leaving.left()
    leaving.go((replicas) => broughtBack(replicas, one.name, left))
  }
  const remove = async () => {
    try {
      await deleteReplica(one.name, () => setHeld(true))
      removed()
    } finally {
      setHeld(false)
    }
  }
  return (
    <div className="card stack">
      <p>
        {said.left(personName(one.subject, words), one.leftAt)}
        <br />
        <strong>{words.storage.undelivered(edits, photos)}</strong>
      </p>
      {isAsked && <p role="alert">{said.sure}</p>}
      <div className="buttons">
        {isAsked ? (
          <>
            <button type="button" disabled={isRunning} onClick={() => run(remove)}>
              {said.removeNow}
            </button>
            <button type="button" disabled={isRunning} onClick={() => setAsked(false)}>
              {said.keep}
            </button>
          </>
        ) : (
          <>
            <button type="button" disabled={isRunning} onClick={() => run(open)}>
              {said.open}
            </button>
            <button type="button" onClick={() => setAsked(true)}>
              {said.remove}
            </button>
          </>
        )}
      </div>
      <p role="status">{isHeld && said.heldOpen}</p>
      <Failed reason={failed} />
    </div>
  )
}
