/** Why there is no line to the hub, in words by the code of the reason; what the machine said stands behind them. */
import type { SyncState } from '@skerry/live'
import { Technical } from '../pieces/technical.tsx'
import { useWords } from '../words/use-words.ts'
import { usePortal } from './use-portal.ts'

export function LineReason({ reason }: { reason: NonNullable<SyncState['reason']> }) {
  const words = useWords()
  const isPortal = usePortal(reason.code === 'unreachable')
  const because = words.sync.because[isPortal ? 'captive-portal' : reason.code]
  return (
    <>
      {because !== undefined && <p>{because}</p>}
      <Technical said={reason.words} />
    </>
  )
}
