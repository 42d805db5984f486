/**
 * What an error of PostgreSQL means for a statement, by its SQLSTATE (SPEC PG-01). An error that the server tells ends the transaction, so what it answers was surely not carried out; unless it also ends the connection, which
 * leaves open what became of a COMMIT.
 */
import type { Failure } from '@skerry/bridge'
import { type Nature, REASON_LENGTH_MAX, SqlFailed } from '@skerry/bridge/sql'
import pg from 'pg'

/** The longest beginning of a code that is listed counts. */
const meanings: Readonly<Record<string, Failure['kind']>> = {
  '08': 'later',
  '25006': 'later', // a standby, until it is told to lead
  '28': 'unauthorized',
  '3D': 'rejected',
  '40': 'later',
  '53': 'later',
  '55': 'later',
  '55000': 'rejected', // the server is not set up for it: wal_level, a slot that is gone
  '57': 'later',
  '58': 'later',
  XX: 'later',
}

/** Table, column or constraint is not as it was when it was looked at. */
const drifts = ['42703', '42P01', '42704', '42P10', '42804']
/** What the detail of these says is the key alone. Of others it may be the whole row, with columns that are not bridged. */
const tellingDetails = ['23503', '23505']

export function meaningOf(code: string): Failure['kind'] {
  return meanings[code] ?? meanings[code.slice(0, 2)] ?? 'rejected'
}

export function failed(error: unknown): SqlFailed {
  if (error instanceof pg.DatabaseError && error.code !== undefined) return refused(error, error.code)
  const reason = wordsOf(error)
  // The server wants a password, and none is configured.
  if (reason.startsWith('SASL')) return new SqlFailed({ kind: 'unauthorized', reason }, { lost: true }, error)
  // Everything else happened on the way.
  return new SqlFailed({ kind: 'later', reason }, { lost: true }, error)
}

function refused(error: pg.DatabaseError, code: string): SqlFailed {
  const detail = tellingDetails.includes(code) && error.detail ? ` ${error.detail}` : ''
  const reason = `${error.message}${detail}`.slice(0, REASON_LENGTH_MAX)
  const nature: Nature = {
    code,
    lost: error.severity === 'FATAL' || error.severity === 'PANIC',
    duplicate: code === '23505',
    drift: drifts.includes(code),
    constraint: error.constraint,
  }
  const kind = meaningOf(code)
  const named = error.column === undefined ? undefined : [error.column]
  return new SqlFailed(
    kind === 'rejected' ? { kind, reason, fields: named } : { kind, reason },
    nature,
    error,
  )
}

/** Node tells a failed look-up of several addresses without words of its own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ')
  return (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX)
}
