/** The role of the space's authority, for `openReplica({ role: hubRole })`: leases, rules and mends, views told, revocations and tombstones given. */
import { buryDue, noteDeletions, tombstoneEntry } from './bury-due.ts'
import { Leases } from './leases.ts'
import type { HubRole } from './replica.ts'
import { revoke, tellUntold } from './revoking.ts'
import { readViews } from './told-views.ts'
import { HubWeighing } from './weighing.ts'

export const hubRole: HubRole = {
  async open(core) {
    const leases = await Leases.load(core.store, core.host)
    return {
      leases,
      weigh: (turn, delivery, runOf) => new HubWeighing(core, leases, turn, delivery, runOf),
      readViews: (channel, after, told) => readViews(core, channel, after, told),
      revoke: (revoked) => revoke(core, revoked),
      tellUntold: () => tellUntold(core),
      noteDeletions: (turn, records) => noteDeletions(turn, core, records),
      buryDue: (recordsMax) => buryDue(core, recordsMax),
      tombstone: (record, incarnation, deletedAt) => tombstoneEntry(core, record, incarnation, deletedAt),
    }
  },
}
