/** What an error of MySQL or MariaDB means for a statement, by its number (SPEC MY-01). What the server tells was not carried out, unless it also ends the connection. */
import type { Failure } from '@skerry/bridge'
import { type Nature, REASON_LENGTH_MAX, SqlFailed } from '@skerry/bridge/sql'

const meanings: ReadonlyMap<number, Failure['kind']> = new Map<number, Failure['kind']>([
  ...[1044, 1045, 1130, 1698, 1820, 1862, 3118, 4151].map((number) => [number, 'unauthorized'] as const),
  ...[
    1020, 1021, 1040, 1114, 1129, 1203, 1205, 1206, 1213, 1226, 1290, 1317, 1614, 1637, 1792, 1836, 1969,
    3024, 3572,
  ].map((number) => [number, 'later'] as const),
])

/** The server goes, or the connection does. */
const losing = [
  1053, 1077, 1078, 1079, 1080, 1152, 1153, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 4031,
]
const DEADLOCK = 1213
const DUPLICATE = 1062
const drifts = [1054, 1146]

/** As the driver throws it. */
export interface DriverError {
  errno: number
  sqlState: string
  sqlMessage: string
}

export function meaningOf(number: number): Failure['kind'] {
  return meanings.get(number) ?? (losing.includes(number) ? 'later' : 'rejected')
}

export function failed(error: unknown): SqlFailed {
  if (isOfServer(error)) return refused(error)
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX)
  // Everything else happened on the way.
  return new SqlFailed({ kind: 'later', reason }, { lost: true }, error)
}

function isOfServer(error: unknown): error is DriverError {
  return error instanceof Error && 'sqlState' in error && 'errno' in error && 'sqlMessage' in error
}

function refused(error: DriverError): SqlFailed {
  const { errno, sqlMessage } = error
  const reason = sqlMessage.slice(0, REASON_LENGTH_MAX)
  const nature: Nature = {
    code: String(errno),
    lost: losing.includes(errno),
    duplicate: errno === DUPLICATE,
    endsTransaction: errno === DEADLOCK,
    drift: drifts.includes(errno),
    constraint: constraintIn(sqlMessage),
  }
  const kind = meaningOf(errno)
  if (kind !== 'rejected') return new SqlFailed({ kind, reason }, nature, error)
  const column = /(?:[Cc]olumn|[Ff]ield) '([^']+)'/.exec(sqlMessage)?.[1]
  return new SqlFailed({ kind, reason, fields: column === undefined ? undefined : [column] }, nature, error)
}

/** Of a check, a foreign key, or a unique index, with or without its table. */
function constraintIn(message: string): string | undefined {
  const [, check, foreign, index] =
    /CONSTRAINT `([^`]+)` failed|CONSTRAINT `([^`]+)` FOREIGN|for key '(?:[^']*\.)?([^'.]+)'/.exec(message) ??
    []
  return check ?? foreign ?? index ?? /[Cc]heck constraint '([^']+)'/.exec(message)?.[1]
}
