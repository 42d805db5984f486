/** One device of a fleet that comes back at once: it connects, is let in or told when to come again, does as it is told, and is in step in the end. */
import { type Session, type SessionReplica, startSession } from '@skerry/core'
import { loopbackTransport, UpgradeRefused } from './loopback-transport.ts'

/** Seconds until the next attempt when nobody said when. */
const RETRY_S = 1

export interface CameBack {
  session: Session
  attempts: number
  /** From the first attempt until it was let in. */
  admittedMs: number
  /** Until it was in step. */
  inStepMs: number
}

export interface Device {
  replica: SessionReplica
  /** Its number in the fleet. */
  number: number
  /** Milliseconds that each device adds to what it is told, at random between 0 and this: a link adds up to 5,000. */
  spreadMs: number
  random(): number
  wait(ms: number): Promise<void>
}

export async function comeBack(
  url: string,
  { replica, number, spreadMs, random, wait }: Device,
): Promise<CameBack> {
  const startedMs = performance.now()
  for (let attempts = 1; ; attempts++) {
    try {
      const transport = await loopbackTransport(url, number)
      const admittedMs = performance.now() - startedMs
      const session = startSession(replica, transport, { role: 'initiator' })
      await current(session)
      return { session, attempts, admittedMs, inStepMs: performance.now() - startedMs }
    } catch (error) {
      // Told when to come, not taken by the system at all, or not answered in time: it comes again, as a link does.
      const retryAfterS = error instanceof UpgradeRefused ? error.retryAfterS : RETRY_S
      await wait(retryAfterS * 1000 + spreadMs * random())
    }
  }
}

/** Resolves when all was told and heard. @throws Error when the session ended before */
export function current(session: Session): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (session.state === 'closed') reject(new Error('a session of the crowd ended'))
      else if (!session.current) return
      else resolve()
      stop()
    }
    const stop = session.onChange(look)
    look()
  })
}
