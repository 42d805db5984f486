/** Own edits of a damaged record that no hub was told of, and that go with the record: what they did cannot be told any more; that there were some, can. */
import { asideOf, putAside } from './aside.ts'
import type { OpenRecord } from './open-record.ts'
import { DAMAGED } from './record-quarantine.ts'
import type { ReplicaCore } from './replica-core.ts'
import type { Turn } from './turn.ts'

/** Why such an edit is set aside. */
const EDIT_UNREADABLE = 'edit-unreadable'

/** To be called before the record's content goes. */
export function setUntoldAside(turn: Turn, core: ReplicaCore, { key, frontier }: OpenRecord): void {
  const { ownSeq: seq } = frontier
  const found = core.isolation.quarantineOf(key)
  if (core.authority || found?.code !== DAMAGED || found.answered === undefined || seq <= found.answered)
    return
  const reason = `edits of ${key} made here cannot be read back, and nobody was told of them before the record went; make them again where it is now`
  putAside(
    turn,
    asideOf(key, [], { seq, code: EDIT_UNREADABLE, reason }, { host: core.host, author: undefined }),
  )
  turn.afterCommit(() =>
    core.events({
      level: 'error',
      code: 'set-aside',
      message: `what was written here was lost: ${reason}`,
      fields: { reason: EDIT_UNREADABLE },
    }),
  )
}
