/**
 * Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): the first answer is stored in the same transaction as the
 * work it tells of, so that a repeat after a lost answer, or after a crash, gets that answer and does nothing.
 * The draft's 409 for "still running" cannot occur: work is one synchronous transaction.
 */
import { createHash } from 'node:crypto'
import type { Answer, Call } from '../calls/call.ts'
import type { Clock } from '../clock.ts'
import type { Connection } from '../database.ts'
import { idempotencyKeptMs, idempotencyKeyLengthMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { Transactions } from '../transactions.ts'

type StoredAnswer = { fingerprint: string; answer: string }

export class StoredAnswers {
  readonly #connection: Connection
  readonly #transactions: Transactions
  readonly #clock: Clock

  constructor(connection: Connection, transactions: Transactions, clock: Clock) {
    this.#connection = connection
    this.#transactions = transactions
    this.#clock = clock
  }

  /** Runs `work`, or repeats the answer of the call that first had this key. Without a key, just runs it. */
  once(call: Call, client: string, work: () => Answer): Answer {
    const header = call.headers.get('idempotency-key')
    if (header === null) return this.#transactions.run(work)
    const key = keyOf(header)
    return this.#transactions.run(() => {
      const now = this.#clock.now()
      this.#connection.prepare('DELETE FROM answers WHERE expiresAt <= ?').run(now)
      const stored = this.#connection
        .prepare<unknown[], StoredAnswer>(
          'SELECT fingerprint, answer FROM answers WHERE client = ? AND key = ?',
        )
        .get(client, key)
      const fingerprint = fingerprintOf(call)
      if (stored) return repeated(stored, fingerprint, key)
      const answer = work()
      this.#connection
        .prepare('INSERT INTO answers VALUES (?, ?, ?, ?, ?)')
        .run(client, key, fingerprint, JSON.stringify(answer), now + idempotencyKeptMs)
      return answer
    })
  }
}

/** The draft's structured-field string `"abc"`, or the bare word that most callers send. */
function keyOf(header: string): string {
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (key.length >= 1 && key.length <= idempotencyKeyLengthMax) return key
  throw new Problem(
    'invalid-request',
    `Idempotency-Key has ${key.length} characters; 1 to ${idempotencyKeyLengthMax} are read`,
  )
}

function repeated(stored: StoredAnswer, fingerprint: string, key: string): Answer {
  if (stored.fingerprint !== fingerprint) {
    throw new Problem(
      'idempotency-key-reused',
      `Idempotency-Key "${key}" was first sent with another request`,
    )
  }
  const answer: Answer = JSON.parse(stored.answer)
  return {
    ...answer,
    headers: { ...answer.headers, 'idempotent-replayed': 'true' },
    operations: answer.operations.map((operation) => ({ ...operation, committed: false, created: false })),
  }
}

function fingerprintOf(call: Call): string {
  return createHash('sha256').update(`${call.method} ${call.path}\n`).update(call.bytes).digest('hex')
}
