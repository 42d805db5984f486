/** Signing in: a code becomes a credential for this device's key. Each refusal has its words, by the hub's own codes (packages/hub/src/SPEC.md, EN-1 to EN-12). */
import { fromHex } from '@skerry/core'
import { authorityOf, EnrolmentError, enrolDevice, type HubDoor } from '@skerry/credentials'
import { LiveError, type LiveReplica } from '@skerry/live'
import type { Words } from '../words/en.ts'

export type EnrolRefusal =
  | { kind: Exclude<keyof Words['enrol']['refusal'], 'other'> }
  | { kind: 'other'; words: string }

export type EnrolEnd =
  /** `authority`: public key, 64 hex digits. */
  | { kind: 'signed-in'; authority: string }
  /** The hub is of another authority than this device's replica, which takes no credential of it. */
  | { kind: 'other-hub'; authority: string; isCodeUsed: boolean }
  | EnrolRefusal

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

/** @param known the authority that the replica belongs to: a code is not shown to the hub of another one. Undefined where it was not noted, or there is none yet. */
export async function enrol(
  replica: Pick<LiveReplica, 'identity' | 'setCredential' | 'wake'>,
  door: HubDoor,
  { code, known }: { code: string; known: string | undefined },
): Promise<EnrolEnd> {
  try {
    const { publicKey } = await replica.identity
    if (known !== undefined) {
      const authority = await authorityOf(door)
      if (authority !== known) return { kind: 'other-hub', authority, isCodeUsed: false }
    }
    const { token, authority } = await enrolDevice(door, { code, publicKey: fromHex(publicKey) })
    try {
      await replica.setCredential(token)
    } catch (error) {
      const isOfOther = error instanceof LiveError && error.code === 'credential-bad-signature'
      if (isOfOther) return { kind: 'other-hub', authority, isCodeUsed: true }
      throw error
    }
    replica.wake()
    return { kind: 'signed-in', authority }
  } catch (error) {
    if (!(error instanceof EnrolmentError || error instanceof LiveError)) throw error
    const kind = kinds[error.code]
    return kind ? { kind } : { kind: 'other', words: error.message }
  }
}
