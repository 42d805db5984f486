/** Waiting until a link has told and heard everything. */
import type { Session } from '@skerry/core'
import type { Link } from '@skerry/ws'

/** Resolves with the session once it is current: told all, heard all, durable and acknowledged on both sides. @throws Error when it ends before */
export async function inStep(link: Link<Session>): Promise<Session> {
  await link.opened()
  const { session } = link
  if (!session) throw new Error(`no session: ${link.state.lastError?.message}`)
  await new Promise<void>((resolve) => {
    const look = () => {
      if (!session.current && session.state !== 'closed') return
      stop()
      resolve()
    }
    const stop = session.onChange(look)
    look()
  })
  if (!session.current) throw new Error(`the session ended: ${link.state.lastError?.message}`)
  return session
}
