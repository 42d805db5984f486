/** Keeps a device signed in: when half of its credential's life is over, a new one is asked for; without a network, at a later look (EN-7). */
import { CredentialError, type Host, type ReplicaBase } from '@skerry/core'
import { EnrolmentError, type HubDoor, lifeOf, renewalDueAt, renewCredential } from './enrol.ts'

/** Milliseconds between two looks at the clock: a device that slept looks again soon after. */
const LOOK_MS = 600_000

export interface Renewing extends HubDoor {
  replica: Pick<ReplicaBase, 'credential' | 'publicKey'> & { session: Pick<ReplicaBase['session'], 'sign'> }
  host: Pick<Host, 'now' | 'timer' | 'sha256'>
  /** What becomes of the new one. `renews`: hash of the credential that it takes the place of, for `setCredential`: meanwhile another one may have come. */
  renewed(token: string, renews: string): Promise<unknown>
  /** The new one could not be kept. It is asked for again at the next look. */
  failed(error: unknown): void
}

interface Renewed {
  token: string
  at: number
}

/** Goes on until the result is called. */
export function renewInTime(renewing: Renewing): () => void {
  const { host, failed } = renewing
  let stop: () => void = () => undefined
  let isOver = false
  let last: Renewed | undefined
  const look = async () => {
    const renewed = await renewOnce(renewing, last).catch(failed)
    if (typeof renewed === 'string') last = { token: renewed, at: host.now() }
    if (!isOver) stop = host.timer(LOOK_MS, () => void look())
  }
  void look()
  return () => {
    isOver = true
    stop()
  }
}

/**
 * Of one that was got here, half of its life must have gone by here: by a clock that is far ahead each would be due at once, by one that is far behind when its end is over. Of any other the clock decides, but one that is
 * before the credential was issued is behind, and nobody knows how much (EN-10).
 */
function isDue(token: string, now: number, last: Renewed | undefined): boolean {
  const { from, until } = lifeOf(token)
  if (token === last?.token && now >= last.at) return now - last.at >= (until - from) / 2
  return now < from || now >= renewalDueAt(token)
}

/** Gives the new one. */
async function renewOnce(
  { replica, host, renewed, ...door }: Renewing,
  last: Renewed | undefined,
): Promise<string | undefined> {
  const { credential } = replica
  if (!credential || !isDue(credential.token, host.now(), last)) return undefined
  const key = { publicKey: replica.publicKey, sign: (message: Uint8Array) => replica.session.sign(message) }
  const present = { token: credential.token, key, at: host.now(), sha256: host.sha256 }
  try {
    const { token } = await renewCredential(door, present)
    await renewed(token, credential.hash)
    return token
  } catch (error) {
    // Without a network, or where the operator chose the end: the line says what the hub thinks of it.
    if (!(error instanceof EnrolmentError || error instanceof CredentialError)) throw error
    return undefined
  }
}
