/** What went wrong, in words, read out when it appears. */
import { useWords } from '../words/use-words.ts'

export function Failed({ reason }: { reason: string | undefined }) {
  const words = useWords()
  if (reason === undefined) return null
  return (
    <p className="banner bad" role="alert">
      {words.app.failed(reason)}
    </p>
  )
}
