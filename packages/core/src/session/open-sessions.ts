/**
 * The sessions a replica has accepted, by the peer (E2): a device that reconnects before its old link was found dead takes the place of its older self. A peer is a log and the key that
 * was proven: whoever names the log of another device ends no session of it. Only accepted sessions are here; two peers that dial each other at once keep both.
 */
import { closeCodes } from './ending.ts'
import type { Peer } from './port.ts'

interface Replaceable {
  close(closeCode: number, reason: string): void
}

export class OpenSessions {
  readonly #byPeer = new Map<string, Replaceable>()

  get size(): number {
    return this.#byPeer.size
  }

  enter(peer: Pick<Peer, 'log' | 'node'>, session: Replaceable): void {
    const older = this.#byPeer.get(keyOf(peer))
    this.#byPeer.set(keyOf(peer), session)
    older?.close(closeCodes.replaced, 'a newer session of the same log took its place')
  }

  leave(peer: Pick<Peer, 'log' | 'node'>, session: Replaceable): void {
    if (this.#byPeer.get(keyOf(peer)) === session) this.#byPeer.delete(keyOf(peer))
  }
}

function keyOf({ log, node }: Pick<Peer, 'log' | 'node'>): string {
  return `${log}/${node}`
}
