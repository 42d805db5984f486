/** Hearing that a credential or a device was revoked: in the log, or from whoever refuses this device for it. */
import { toHex } from '../bytes/hex.ts'
import type { CredentialEvidence } from '../identity/credential.ts'
import { decodeRevocation, type Revocation } from '../log/revocation.ts'
import type { Origin } from '../store/port.ts'
import { asRefusedOf, type Judged, judge, Refused } from './judge.ts'
import type { ReplicaCore } from './replica-core.ts'
import { REVOCATIONS_MAX, REVOCATIONS_RECORD } from './revocations.ts'
import type { Turn } from './turn.ts'
import { wipe } from './wipe.ts'

/** @throws Refused */
export async function admitRevocation(
  turn: Turn,
  { revocations }: ReplicaCore,
  { entry, author, barred, bytes }: Judged,
  origin: Origin | undefined,
): Promise<undefined> {
  if (author && author.role !== 'authority')
    throw new Refused('not-authority', `${author.subject} may not revoke anything`)
  const revocation = revocationIn(entry)
  if (revocations.knows(revocation)) return
  if (barred) throw barred
  if (revocations.isFull)
    throw new Refused('too-many-revocations', `${REVOCATIONS_MAX} revocations are kept here already`)
  await revocations.keep(turn, revocation, bytes, origin)
}

function revocationIn({ record, body }: Judged['entry']): Revocation {
  if (record !== REVOCATIONS_RECORD)
    throw new Refused('malformed-entry', `a revocation is of ${REVOCATIONS_RECORD}, this one of ${record}`)
  try {
    return decodeRevocation(body)
  } catch (cause) {
    throw asRefusedOf(record, cause)
  }
}

/** Whoever refused this device showed why. Nothing is believed that the authority did not sign. */
export async function hearEvidence(
  core: ReplicaCore,
  { entry: bytes, token }: CredentialEvidence,
): Promise<void> {
  try {
    const signer = await core.verifier.verify(token, undefined)
    const judged = await judge(0, bytes, {
      host: core.host,
      space: core.identity.space,
      // As if a device told it: then the signature is checked.
      peer: { ...anybody, credential: { ...signer, subject: '', role: 'device', hash: '' } },
      credentialByHash: async (hash) => (hash === signer.hash ? signer : undefined),
      checkCredential: async (credential) => credential,
      isBarred: () => false,
    })
    await core.writer.run(async (turn) => {
      await core.credentials.keep(turn, signer)
      await admitRevocation(turn, core, judged, elsewhere)
    })
  } catch (error) {
    core.events({
      level: 'warn',
      code: 'evidence-refused',
      message: `this device was refused as revoked, and what was shown for it is not the authority's word: ${error}`,
    })
  }
}

/** Not written here, and in no log that could be asked. */
const elsewhere = { run: '0'.repeat(32), seq: 0 }
const anybody = { node: '', publicKey: new Uint8Array(), log: '', runs: [] }

/** This device may be the one. It keeps what it has, unless the operator wants it gone. */
export function watchOwnRevocation(core: ReplicaCore): void {
  core.revocations.onAdded((revocation) => {
    const { credential, key } = core.identity
    const own = revocation.by === 'key' ? toHex(key.publicKey) : credential?.hash
    if (core.authority || revocation.value !== own) return
    core.events({
      level: 'warn',
      code: 'revoked',
      message: `the operator has revoked ${revocation.by === 'key' ? 'this device' : "this device's credential"}; ${revocation.wipe ? 'what it holds of the space goes' : 'what it holds stays here'}`,
      fields: { wipe: revocation.wipe },
    })
    if (revocation.wipe) wipe(core)
  })
}
