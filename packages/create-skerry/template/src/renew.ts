/** Keeps this device signed in: when half of its credential's life is over, the hub gives it a new one. */
import { CredentialError, type Host, type ReplicaBase } from '@skerry/core'
import { EnrolmentError, renewalDueAt, renewCredential } from '@skerry/credentials'

/** Milliseconds between two looks at the clock. */
const LOOK_MS = 600_000

interface Renewing {
  replica: ReplicaBase
  host: Host
  hub: string
  renewed(token: string): Promise<void>
}

/** Goes on until the result is called. */
export function renewInTime(renewing: Renewing): () => void {
  let stop: () => void = () => undefined
  let isOver = false
  const look = async () => {
    await renewOnce(renewing)
    if (!isOver) stop = renewing.host.timer(LOOK_MS, () => void look())
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
  const asked = { token: credential.token, key, at: host.now(), sha256: host.sha256 }
  try {
    const { token } = await renewCredential({ hub }, asked)
    await renewed(token)
  } catch (error) {
    // Without network the next look tries again; what else is wrong is told by the line to the hub.
    if (!(error instanceof EnrolmentError || error instanceof CredentialError)) throw error
  }
}
