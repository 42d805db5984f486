/** How the line to the hub is, what is on its way, and a switch to stay off the network. */
import type { LinePhase } from '@skerry/live'
import { useReplica, useSync } from '@skerry/react'

const WORDS: Readonly<Record<LinePhase, string>> = {
  off: 'Offline',
  connecting: 'Connecting',
  open: 'Online',
  waiting: 'No line to the hub',
  blocked: 'Refused by the hub',
}

export function SyncChip() {
  const replica = useReplica()
  const { value: line } = useSync()
  if (!replica || !line?.credential) return null
  const { phase, pending, reason } = line
  const isOff = phase === 'off'
  return (
    <div className="chip">
      <output title={reason?.words}>
        {WORDS[phase]}
        {pending > 0 && `, ${pending} to send`}
      </output>
      <button type="button" onClick={() => replica.setOffline(!isOff)}>
        {isOff ? 'Go online' : 'Go offline'}
      </button>
    </div>
  )
}
