/** Stands where something is about to come. */
import { useWords } from '../words/use-words.ts'

export function Waiting() {
  const words = useWords()
  return <p role="status">{words.app.loading}</p>
}
