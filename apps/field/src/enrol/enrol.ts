/** Signing in: a code becomes a credential for this device's key. Each refusal has its words, by the hub's own codes (packages/hub/src/SPEC.md, EN-1 to EN-9). */
import { fromHex } from '@skerry/core'
import { EnrolmentError, enrolDevice } from '@skerry/credentials'
import { LiveError, type LiveReplica } from '@skerry/live'
import type { Words } from '../words/en.ts'

export type EnrolRefusal =
  | { kind: Exclude<keyof Words['enrol']['refusal'], 'other'> }
  | { kind: 'other'; words: string }

const kinds: Readonly<Record<string, Exclude<keyof Words['enrol']['refusal'], 'other'>>> = {
  unreachable: 'offline',
  'no-hub': 'portal',
  'enrolment-unknown': 'unknown',
  'enrolment-used': 'used',
  'enrolment-expired': 'expired',
  'enrolment-blocked': 'blocked',
  'credential-revoked': 'revoked',
  'rate-limited': 'too-many',
  'credential-wrong-space': 'space',
}

/** Undefined: this device is signed in. */
export async function enrol(
  replica: LiveReplica,
  hub: string,
  code: string,
): Promise<EnrolRefusal | undefined> {
  try {
    const { publicKey } = await replica.identity
    const { token } = await enrolDevice({ hub }, { code, publicKey: fromHex(publicKey) })
    await replica.setCredential(token)
    replica.wake()
    return undefined
  } catch (error) {
    if (!(error instanceof EnrolmentError || error instanceof LiveError)) throw error
    const kind = kinds[error.code]
    return kind ? { kind } : { kind: 'other', words: error.message }
  }
}
