/** Instead of an order that is not on this device: why, as far as it can be known. */
import { useSync } from '../replica/use-states.ts'
import { hashOf } from '../route/route.ts'
import { useWords } from '../words/use-words.ts'

export function MissingOrder() {
  const words = useWords()
  const sync = useSync()
  if (!sync) return null
  if (sync.credential) return <p className="banner warn">{words.order.missing}</p>
  return (
    <>
      <p className="banner warn">{words.order.signInFirst}</p>
      <a className="button" href={hashOf({ page: 'enrol', code: '' })}>
        {words.settings.signIn}
      </a>
    </>
  )
}
