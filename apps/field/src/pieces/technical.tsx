/** What a machine said, in English, for whoever is asked for help: behind a word, since it tells a technician nothing. */
import { useWords } from '../words/use-words.ts'

export function Technical({ said }: { said: string | undefined }) {
  const words = useWords()
  if (said === undefined || said === '') return null
  return (
    <details className="technical">
      <summary>{words.app.technical}</summary>
      <p lang="en">{said}</p>
    </details>
  )
}
