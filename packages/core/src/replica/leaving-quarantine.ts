/** What a record asks that leaves quarantine with the present turn: as if it had left. Once that is durable, everything is asked as ever. */
import type { Isolation } from './isolation.ts'
import type { RecordIsolation } from './open-record.ts'

export function leavingQuarantine(isolation: Isolation): RecordIsolation & { left(): void } {
  let isLeaving = true
  return {
    quarantineOf: (record) => (isLeaving ? undefined : isolation.quarantineOf(record)),
    check: (record) => {
      if (!isLeaving) isolation.check(record)
    },
    mayLoad: (record, weight, history) =>
      isLeaving
        ? isolation.mayLoadWhole(record, weight, history)
        : isolation.mayLoad(record, weight, history),
    cannotLoad: (record, cause) => isolation.cannotLoad(record, cause),
    isIncomplete: (record) => isolation.isIncomplete(record),
    weigh: (chunks) => isolation.weigh(chunks),
    left: () => {
      isLeaving = false
    },
  }
}
