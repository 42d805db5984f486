/** Keeps the device signed in: when half of its credential's life is over, a new one is asked for; without network later. */
import type { Host, ReplicaBase } from '@skerry/core'
import { CredentialError } from '@skerry/core'
import { EnrolmentError, renewalDueAt, renewCredential } from '@skerry/credentials'

/** Milliseconds between two looks at the clock: a device that slept looks again soon after. */
const LOOK_MS = 600_000

export interface Renewing {
  replica: ReplicaBase
  host: Host
  hub: string
  /** What becomes of the new one. */
  renewed(token: string): Promise<void>
}

/** Goes on until the result is called. */
export function renewInTime(renewing: Renewing): () => void {
  const { host } = renewing
  let stop: () => void = () => undefined
  let isOver = false
  const look = async () => {
    await renewOnce(renewing)
    if (!isOver) stop = host.timer(LOOK_MS, () => void look())
  }
  void look()
  return () => {
    isOver = true
    stop()
  }
}

async function renewOnce({ replica, host, hub, renewed }: Renewing): Promise<void> {
  const { credential } = replica
  if (!credential || host.now() < renewalDueAt(credential.token)) return
  const key = { publicKey: replica.publicKey, sign: (message: Uint8Array) => replica.session.sign(message) }
  try {
    const { token } = await renewCredential(
      { hub },
      { token: credential.token, key, at: host.now(), sha256: host.sha256 },
    )
    await renewed(token)
  } catch (error) {
    // Without network, or where the operator chose the end: the next look tries again, and the line says what the hub thinks of it.
    if (!(error instanceof EnrolmentError || error instanceof CredentialError)) throw error
  }
}
