/** Keeps a device signed in: when half of its credential's life is over, a new one is asked for; without a network, at a later look (EN-7). */
import { CredentialError, type Host, type ReplicaBase } from '@skerry/core'
import { EnrolmentError, type HubDoor, halfLifeMs, renewalDueAt, renewCredential } from './enrol.ts'

/** Milliseconds between two looks at the clock: a device that slept looks again soon after. */
const LOOK_MS = 600_000

export interface Renewing extends HubDoor {
  replica: Pick<ReplicaBase, 'credential' | 'publicKey'> & { session: Pick<ReplicaBase['session'], 'sign'> }
  host: Pick<Host, 'now' | 'timer' | 'sha256'>
  /** What becomes of the new one. */
  renewed(token: string): Promise<unknown>
  /** The new one could not be kept. It is asked for again at the next look. */
  failed(error: unknown): void
}

/** Goes on until the result is called. */
export function renewInTime(renewing: Renewing): () => void {
  const { host, failed, replica } = renewing
  let stop: () => void = () => undefined
  let isOver = false
  let last = { token: '', at: 0 }
  const look = async () => {
    // By a clock that is far ahead, each new one is due at once: none is renewed before half of its life has gone by here.
    const { token } = replica.credential ?? {}
    const since = host.now() - last.at
    const isYoung = token === last.token && token !== undefined && since >= 0 && since < halfLifeMs(token)
    const renewed = isYoung ? undefined : await renewOnce(renewing).catch(failed)
    if (typeof renewed === 'string') last = { token: renewed, at: host.now() }
    if (!isOver) stop = host.timer(LOOK_MS, () => void look())
  }
  void look()
  return () => {
    isOver = true
    stop()
  }
}

/** Gives the new one. */
async function renewOnce({ replica, host, renewed, ...door }: Renewing): Promise<string | undefined> {
  const { credential } = replica
  if (!credential || host.now() < renewalDueAt(credential.token)) return undefined
  const key = { publicKey: replica.publicKey, sign: (message: Uint8Array) => replica.session.sign(message) }
  const present = { token: credential.token, key, at: host.now(), sha256: host.sha256 }
  try {
    const { token } = await renewCredential(door, present)
    await renewed(token)
    return token
  } catch (error) {
    // Without a network, or where the operator chose the end: the line says what the hub thinks of it.
    if (!(error instanceof EnrolmentError || error instanceof CredentialError)) throw error
    return undefined
  }
}
