/** Waiting until everything that a link asked can be queried here, as an app that shows a list would. */
import type { Session } from '@skerry/core'
import type { Link } from '@skerry/ws'

/** Resolves as soon as the session of the link says that all can be queried. @throws Error when it ends before */
export async function queryable(link: Link<Session>): Promise<void> {
  await link.opened()
  const { session } = link
  if (!session) throw new Error(`no session: ${link.state.lastError?.message}`)
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (!session.queryable && session.state !== 'closed') return
      stop()
      if (session.queryable) resolve()
      else reject(new Error(`the session ended: ${link.state.lastError?.message}`))
    }
    const stop = session.onChange(look)
    look()
  })
}
