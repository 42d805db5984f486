/** Writes what was noted into the log, at the end of the append that it tells of: durable with it, or not at all (SPEC B-150). */
import { encodeUtf8, pathOf } from '@skerry/core'
import type { BridgeHost } from '../context.ts'
import { isWithheld, type Withheld } from '../privacy/withheld.ts'
import type { BridgeTables } from '../tables.ts'
import {
  type AuditEntry,
  type AuditHead,
  auditHash,
  decodeHead,
  encodeAudit,
  encodeHead,
  numberKey,
  subjectOf,
} from './audit-entry.ts'
import type { AuditFact, FactValues } from './audit-fact.ts'
import { markOf, REASON, SALT_BYTES, sealed, sealValues } from './seal.ts'

export const HEAD_KEY = 'head'
/** Of a key that says it all. */
const present = Uint8Array.of(1)
const none = new Uint8Array(0)

export interface AuditLogOptions {
  host: Pick<BridgeHost, 'now' | 'sha256' | 'random'>
  /** Values stand beside the log as well. */
  keepsValues: boolean
  /** What may not even stand there as a hash. */
  withheld: Withheld
}

/** Values of an entry as they are kept beside it. */
export interface KeptValues {
  values?: FactValues
  reason?: string
}

export class AuditLog {
  readonly #options: AuditLogOptions

  constructor(options: AuditLogOptions) {
    this.#options = options
  }

  /** Appends what `tables` has noted. The last thing that an append does. */
  async write(tables: BridgeTables): Promise<void> {
    const facts = await worthTelling(tables)
    if (facts.length === 0) return
    let head = decodeHead(await tables.get('audit-head', HEAD_KEY))
    const salts = new Map<string, Uint8Array>()
    for (const fact of facts) head = await this.#append(tables, head, fact, salts)
    tables.put('audit-head', HEAD_KEY, encodeHead(head))
  }

  async #append(
    tables: BridgeTables,
    { n: last, hash: prev }: AuditHead,
    fact: AuditFact,
    salts: Map<string, Uint8Array>,
  ): Promise<AuditHead> {
    const { host, keepsValues } = this.#options
    const n = last + 1
    const subject = subjectOf(fact)
    const { values: all, reason, ...rest } = fact as AuditFact & KeptValues
    const values = fact.kind === 'told' && all ? this.#shown(fact.record, all) : all
    const hasValues = subject !== undefined && (values || reason !== undefined)
    const salt = hasValues ? await this.#salt(tables, subject, salts) : none
    const entry = {
      n,
      at: host.now(),
      prev,
      ...rest,
      ...(hasValues && { salt: markOf(host, salt) }),
      ...(values && { values: sealValues(host, salt, values) }),
      ...(reason !== undefined && { reason: sealed(host, salt, REASON, reason) }),
    } as AuditEntry
    const bytes = encodeAudit(entry)
    const key = numberKey(n)
    tables.put('audit', key, bytes)
    if (subject !== undefined) tables.put('audit-of', `${subject}\n${key}`, present)
    if (keepsValues && hasValues)
      tables.put('audit-values', `${subject}\n${key}`, encodeUtf8(JSON.stringify({ values, reason })))
    return { n, hash: auditHash(host, bytes) }
  }

  /** A receipt tells of any place of the record, bridged or not. */
  #shown(record: string, values: FactValues): FactValues {
    const shown = ([pointer]: [string, unknown]) =>
      !isWithheld(this.#options.withheld, record, pathOf(pointer))
    return Object.fromEntries(Object.entries(values).filter(shown))
  }

  async #salt(tables: BridgeTables, subject: string, salts: Map<string, Uint8Array>): Promise<Uint8Array> {
    const known = salts.get(subject) ?? (await tables.get('audit-salts', subject))
    const salt = known ?? this.#options.host.random(SALT_BYTES)
    if (!known) tables.put('audit-salts', subject, salt)
    salts.set(subject, salt)
    return salt
  }
}

/** All but what says nothing: a receipt that an answer implies, and an echo that nobody waits for. */
async function worthTelling(tables: BridgeTables): Promise<AuditFact[]> {
  const answered = new Set(tables.facts.flatMap((fact) => (fact.kind === 'answered' ? [fact.record] : [])))
  const worth: AuditFact[] = []
  for (const fact of tables.facts) {
    if (fact.kind === 'answered' && fact.answer === 'done') tables.put('audit-echoes', fact.record, present)
    const isImplied = fact.kind === 'told' && fact.outcome === 'saved' && answered.has(fact.record)
    if (isImplied) continue
    const isRow = fact.kind === 'echo' || fact.kind === 'unchanged' || fact.kind === 'taken'
    // The answer's own row is no echo: the system has not shown it to anybody yet.
    const isAwaited = isRow && !answered.has(fact.record) && (await isWaitedFor(tables, fact.record))
    if (isAwaited || fact.kind !== 'echo') worth.push(fact)
  }
  return worth
}

/** Whether this row is the first since an answer; the next one is not. */
async function isWaitedFor(tables: BridgeTables, record: string): Promise<boolean> {
  const isAwaited = (await tables.get('audit-echoes', record)) !== undefined
  if (isAwaited) tables.put('audit-echoes', record, undefined)
  return isAwaited
}
