/**
 * The hub's own credential: the authority says that this replica's key is the hub's. Made anew at each start and again when half its life has
 * passed, so that a hub that runs for a year never shows an expired one.
 */
import type { Host, Replica } from '@skerry/core'
import { type Authority, issueCredential } from '@skerry/credentials'
import { HUB_CREDENTIAL_LIFE_MS } from './limits.ts'
import type { Logger } from './log.ts'

interface Holder {
  replica: Pick<Replica, 'publicKey' | 'space' | 'setCredential'>
  authority: Authority
  host: Host
  log: Logger
}

/** Resolves when the credential is in place; the result stops the renewal. */
export async function holdCredential(holder: Holder): Promise<() => void> {
  await renew(holder)
  let stop: () => void = () => undefined
  const again = (delayMs: number) => {
    stop = holder.host.timer(delayMs, () => {
      renew(holder).then(
        () => again(HUB_CREDENTIAL_LIFE_MS / 2),
        (error: unknown) => {
          holder.log.error({ err: error }, "the hub's own credential could not be renewed; trying again")
          again(RETRY_MS)
        },
      )
    })
  }
  again(HUB_CREDENTIAL_LIFE_MS / 2)
  return () => stop()
}

/** Milliseconds after a renewal that failed: there are days left. */
const RETRY_MS = 60_000

async function renew({ replica, authority, host }: Holder): Promise<void> {
  const issuedAt = host.now()
  const token = await issueCredential(authority, {
    space: replica.space,
    subject: 'hub',
    publicKey: replica.publicKey,
    role: 'authority',
    read: ['*'],
    write: ['*'],
    systems: [],
    issuedAt,
    expiresAt: issuedAt + HUB_CREDENTIAL_LIFE_MS,
  })
  await replica.setCredential(token)
}
