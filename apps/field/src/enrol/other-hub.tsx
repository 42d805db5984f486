/** Another hub than the one that this device belongs to: what happened, what would be left, and the choice. */
import type { Left } from '../start/replicas.ts'
import { useWords } from '../words/use-words.ts'

export interface OtherHubProps {
  isCodeUsed: boolean
  left: Left
  fresh(): void
}

export function OtherHub({ isCodeUsed, left, fresh }: OtherHubProps) {
  const words = useWords()
  const said = words.enrol.otherHub
  const { edits, photos } = left.undelivered
  return (
    <div className="banner warn" role="alert">
      <div>
        <strong>{words.sync.otherHub}</strong>
        <p>{said.lead}</p>
        <p>
          <strong>{words.storage.undelivered(edits, photos)}</strong> {said.stays}
        </p>
        <p>{isCodeUsed ? said.codeUsed : said.codeKept}</p>
      </div>
      <div className="buttons">
        <button type="button" onClick={fresh}>
          {said.fresh}
        </button>
        <a className="button" href="#/">
          {said.keep}
        </a>
      </div>
    </div>
  )
}
