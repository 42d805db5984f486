/** Changes that the hub did not take: they are kept on this device until somebody decides. */
import type { AsideEdit } from '@skerry/core'
import { useAside, useReplica } from '@skerry/react'

export function Refused() {
  const replica = useReplica()
  const { value: refused } = useAside()
  if (!replica || !refused?.length) return null
  return (
    <section role="alert">
      <h2>Not taken by the hub</h2>
      <ul>
        {refused.map(({ key, reason, edits }) => (
          <li key={key}>
            {words(edits)}
            <footer>
              <small>{reason}</small>
              <button type="button" onClick={() => replica.reapply(key)}>
                Make it again
              </button>
              <button type="button" onClick={() => replica.dropAside(key)}>
                Drop it
              </button>
            </footer>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What was written, by field. */
function words(edits: AsideEdit['edits']): string {
  return edits.flatMap((edit) => ('value' in edit ? `${edit.path.join('.')}: ${edit.value}` : [])).join(', ')
}
