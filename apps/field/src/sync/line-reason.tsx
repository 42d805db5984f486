/** Why there is no line to the hub, in words by the code of the reason; what the machine said stands behind them. */
import type { SyncState } from '@skerry/live'
import { Technical } from '../pieces/technical.tsx'
import { useWords } from '../words/use-words.ts'

export function LineReason({ reason }: { reason: NonNullable<SyncState['reason']> }) {
  const words = useWords()
  const because = words.sync.because[reason.code]
  return (
    <>
      {because !== undefined && <p>{because}</p>}
      <Technical said={reason.words} />
    </>
  )
}
