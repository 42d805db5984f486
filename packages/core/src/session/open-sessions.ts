/**
 * The sessions a replica has accepted, by the log of the peer (E2): a device that reconnects before its old link was found dead takes the
 * place of its older self. Only accepted sessions are here; two peers that dial each other at once keep both.
 */
import { closeCodes } from './ending.ts'

interface Replaceable {
  close(closeCode: number, reason: string): void
}

export class OpenSessions {
  readonly #byLog = new Map<string, Replaceable>()

  get size(): number {
    return this.#byLog.size
  }

  enter(log: string, session: Replaceable): void {
    const older = this.#byLog.get(log)
    this.#byLog.set(log, session)
    older?.close(closeCodes.replaced, 'a newer session of the same log took its place')
  }

  leave(log: string, session: Replaceable): void {
    if (this.#byLog.get(log) === session) this.#byLog.delete(log)
  }
}
