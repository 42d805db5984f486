/** What went wrong, in words, read out when it appears. */
import { useWords } from '../words/use-words.ts'
import { Technical } from './technical.tsx'

export function Failed({ reason }: { reason: string | undefined }) {
  const words = useWords()
  if (reason === undefined) return null
  return (
    <div className="banner bad" role="alert">
      <p>{words.app.failed}</p>
      <Technical said={reason} />
    </div>
  )
}
