/** Enrolment codes and enrolled devices as rows of the hub's store (SPEC.md, EN-1 to EN-12): made, used once, counted when guessed, dropped when they are over. */
import { CredentialError, decodeUtf8, encodeUtf8, type Tables, toHex } from '@skerry/core'
import type { Api } from './api.ts'
import { createCode, NO_DIGEST, parseCode, sameDigest } from './enrolment-code.ts'
import { CODES_TABLE, DEVICES_TABLE } from './enrolment-tables.ts'
import { type DeviceGrant, type IssuedCredential, issueDevice } from './issue-device.ts'
import { ENROLMENT_TRIES_MAX, ENROLMENTS_MAX, RENEWALS_KEPT_MAX } from './limits.ts'
import { ProblemError } from './problem.ts'

export interface EnrolmentTerms extends DeviceGrant {
  /** When the code is over, milliseconds since 1970. */
  usableUntil: number
  /** Life of each credential, milliseconds. */
  lifeMs: number
  /** Whether the device may have its credential renewed. */
  renew: boolean
}

/** Of an enrolled device. */
interface DeviceRow {
  lifeMs: number
  /** What it got by its code and by renewals: only that is renewed. Absent in rows from before: then anything is. */
  issued?: { hash: string; until: number }[]
}

interface Row extends EnrolmentTerms {
  id: string
  digest: string
  /** Wrong secrets so far. */
  wrongTries: number
  /** Set once it was used. */
  used?: { publicKey: string; at: number; issued: IssuedCredential }
}

export type EnrolmentState = 'open' | 'used' | 'blocked' | 'expired'

/** Resolves with the code as it is shown, when it is durable. @throws ProblemError `too-many-enrolments` */
export async function createEnrolment(
  api: Api,
  terms: EnrolmentTerms,
): Promise<{ code: string; id: string }> {
  const code = await api.replica.transact(async ({ tables }) => {
    const ids = await dropOver(tables, api.now())
    if (ids.size >= ENROLMENTS_MAX) return undefined
    let made = createCode()
    while (ids.has(made.id)) made = createCode()
    write(tables, { ...terms, id: made.id, digest: made.digest, wrongTries: 0 })
    return made
  })
  if (!code)
    throw new ProblemError(
      'too-many-enrolments',
      `there are ${ENROLMENTS_MAX} enrolment codes that are still valid, which is the limit; delete some, or wait until they are over`,
    )
  return { code: code.shown, id: code.id }
}

/** @throws ProblemError, its code says why there is no credential */
export async function useEnrolment(api: Api, given: string, publicKey: string): Promise<IssuedCredential> {
  const code = parseCode(given)
  if (!code) throw unknown()
  // A refusal is returned, not thrown: what it counts must be written.
  const outcome = await api.replica.transact(async ({ tables }) => {
    const row = await read(tables, code.id)
    if (!sameDigest(row?.digest ?? NO_DIGEST, code.digest) || !row) {
      // One commit in either case: how long the answer takes does not tell which ids there are.
      if (row) write(tables, { ...row, wrongTries: Math.min(row.wrongTries + 1, ENROLMENT_TRIES_MAX) })
      else tables.put(CODES_TABLE, code.id, undefined)
      return unknown()
    }
    const refusal = refusalOf(row, publicKey, api.now())
    if (refusal) return refusal
    if (row.used) return row.used.issued
    const issued = await issueTo(api, row, publicKey)
    if (issued instanceof ProblemError) return issued
    write(tables, { ...row, used: { publicKey, at: api.now(), issued } })
    // The operator's newest word counts: a code that does not renew ends what an earlier one allowed.
    const device = row.renew ? withIssued({ lifeMs: row.lifeMs, issued: [] }, issued, api.now()) : undefined
    tables.put(DEVICES_TABLE, publicKey, device && encodeUtf8(JSON.stringify(device)))
    return issued
  })
  if (outcome instanceof ProblemError) throw outcome
  return outcome
}

/** For how long the credential that takes this one's place is issued; undefined for one that is not renewed: its end is the operator's. */
export async function renewalLifeMs(
  api: Api,
  { publicKey, hash }: { publicKey: Uint8Array; hash: string },
): Promise<number | undefined> {
  const row = deviceOf(await api.replica.table(DEVICES_TABLE, toHex(publicKey)))
  const isOfEnrolment = row?.issued?.some((one) => one.hash === hash) ?? true
  return isOfEnrolment ? row?.lifeMs : undefined
}

/** Durable before it is answered: the next renewal is by this one. */
export function noteRenewed(
  api: Api,
  present: { publicKey: Uint8Array; hash: string; expiresAt: number },
  issued: IssuedCredential,
): Promise<void> {
  const key = toHex(present.publicKey)
  return api.replica.transact(async ({ tables }) => {
    const row = deviceOf(await tables.get(DEVICES_TABLE, key))
    if (!row) return
    // Before all others: whoever hears no answer asks by the same one again.
    const kept = [{ hash: present.hash, until: present.expiresAt }, ...(row.issued ?? [])]
    tables.put(
      DEVICES_TABLE,
      key,
      encodeUtf8(JSON.stringify(withIssued({ ...row, issued: kept }, issued, api.now()))),
    )
  })
}

function withIssued(row: DeviceRow, { hash, expiresAt }: IssuedCredential, now: number): DeviceRow {
  const [first, ...others] = [...new Map((row.issued ?? []).map((one) => [one.hash, one])).values()].filter(
    ({ until }) => until > now,
  )
  const newest = [...others, { hash, until: Date.parse(expiresAt) }].slice(1 - RENEWALS_KEPT_MAX)
  return { ...row, issued: first ? [first, ...newest] : newest }
}

function deviceOf(value: Uint8Array | undefined): DeviceRow | undefined {
  return value && (JSON.parse(decodeUtf8(value) ?? '{}') as DeviceRow)
}

export async function listEnrolments(api: Api): Promise<object[]> {
  const rows = await api.replica.tableRows(CODES_TABLE, { limit: ENROLMENTS_MAX })
  return rows.map(({ value }) => {
    const { digest, wrongTries, used, lifeMs, usableUntil, ...row } = decode(value)
    return {
      ...row,
      state: stateOf({ wrongTries, used, usableUntil }, api.now()),
      usableUntil: new Date(usableUntil).toISOString(),
      ...(used && { usedBy: used.publicKey, usedAt: new Date(used.at).toISOString() }),
    }
  })
}

/** False when there is none. The device that used it keeps what it got. */
export function dropEnrolment(api: Api, id: string): Promise<boolean> {
  return api.replica.transact(async ({ tables }) => {
    const isThere = (await tables.get(CODES_TABLE, id)) !== undefined
    tables.put(CODES_TABLE, id, undefined)
    return isThere
  })
}

function stateOf(
  { wrongTries, used, usableUntil }: Pick<Row, 'wrongTries' | 'usableUntil'> & { used: Row['used'] },
  now: number,
): EnrolmentState {
  if (used) return 'used'
  if (wrongTries >= ENROLMENT_TRIES_MAX) return 'blocked'
  return now >= usableUntil ? 'expired' : 'open'
}

function refusalOf(row: Row, publicKey: string, now: number): ProblemError | undefined {
  if (row.wrongTries >= ENROLMENT_TRIES_MAX)
    return new ProblemError(
      'enrolment-blocked',
      `this code was typed wrong ${ENROLMENT_TRIES_MAX} times and is dead; ask for a new one`,
    )
  if (now >= row.usableUntil)
    return new ProblemError(
      'enrolment-expired',
      `this code was valid until ${new Date(row.usableUntil).toISOString()}; ask for a new one`,
    )
  if (row.used && row.used.publicKey !== publicKey)
    return new ProblemError(
      'enrolment-used',
      'another device used this code already; ask for a new one, and tell the operator if that was not you',
    )
  return undefined
}

async function issueTo(api: Api, row: Row, publicKey: string): Promise<IssuedCredential | ProblemError> {
  const key = new Uint8Array(Buffer.from(publicKey, 'hex'))
  try {
    return await issueDevice(api, row, { publicKey: key, expiresAt: api.now() + row.lifeMs })
  } catch (error) {
    if (error instanceof CredentialError) return new ProblemError(error.code, error.message)
    throw error
  }
}

function unknown(): ProblemError {
  return new ProblemError(
    'enrolment-unknown',
    'there is no such enrolment code here; check each letter, or ask for a new one',
  )
}

/** Ids of those that stay. */
async function dropOver(tables: Tables, now: number): Promise<Set<string>> {
  const ids = new Set<string>()
  for (const { key, value } of await tables.scan(CODES_TABLE, { limit: ENROLMENTS_MAX })) {
    if (now >= decode(value).usableUntil) tables.put(CODES_TABLE, key, undefined)
    else ids.add(key)
  }
  return ids
}

async function read(tables: Tables, id: string): Promise<Row | undefined> {
  const value = await tables.get(CODES_TABLE, id)
  return value && decode(value)
}

function write(tables: Tables, row: Row): void {
  tables.put(CODES_TABLE, row.id, encodeUtf8(JSON.stringify(row)))
}

function decode(value: Uint8Array): Row {
  return JSON.parse(new TextDecoder().decode(value)) as Row
}
