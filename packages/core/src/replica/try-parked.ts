/** Something of a record was let in, or it is whole again: what was parked for it may find now what it builds on. */
import type { Delivery, Refusal } from '../session/port.ts'
import { StoreError } from '../store/port.ts'
import { DEPENDS_ON_REFUSED } from './judge.ts'
import type { Parked } from './parking.ts'
import type { ReplicaCore } from './replica-core.ts'

const lackingCodes: ReadonlySet<string> = new Set(['missing-dependencies', DEPENDS_ON_REFUSED])

type Deliver = (core: ReplicaCore, delivery: Delivery) => Promise<Refusal[]>

/**
 * Tried as if their teller told them again; what still lacks something stays parked: what one teller brought may build on what another one did. With `letIn` come the records that were put off.
 * @throws StoreError: they are put off
 */
export async function tryParked(
  core: ReplicaCore,
  letIn: ReadonlySet<string>,
  deliver: Deliver,
): Promise<void> {
  const { parking } = core
  const records = parking.toTry(letIn)
  if (records.size === 0) return
  try {
    await tryRecords(core, records, deliver)
  } catch (error) {
    if (error instanceof StoreError) parking.putOff(records)
    throw error
  } finally {
    parking.tried(records)
  }
}

async function tryRecords(core: ReplicaCore, records: ReadonlySet<string>, deliver: Deliver): Promise<void> {
  // One that does harm takes nothing in: what waits for it waits until it is released.
  const open = [...records].filter((record) => !core.isolation.quarantineOf(record))
  const parked = await core.parking.of(new Set(open))
  const teller = ({ node, run, credential }: Parked) => `${node} ${run} ${credential}`
  for (const told of Map.groupBy(parked, teller).values()) {
    const keys = await settled(core, told, deliver)
    if (keys.length > 0) await core.writer.run(async (turn) => core.parking.remove(turn, keys))
  }
}

async function settled(core: ReplicaCore, told: readonly Parked[], deliver: Deliver): Promise<string[]> {
  const { node, run, credential: hash } = told[0]!
  const credential = await core.credentials.byHash(hash)
  // Who told it cannot be said any more, so nobody answers for it.
  if (!credential) return told.map(({ key }) => key)
  const { publicKey } = credential
  const refusals = await deliver(core, {
    peer: { node, publicKey, log: '', runs: [{ run, first: 1 }], credential },
    items: told.map(({ seq, entry }) => ({ kind: 'entry', seq, bytes: entry })),
    position: undefined,
    current: false,
    want: { kind: 'nothing' },
    isAnswered: core.authority,
  })
  const waits = new Set(refusals.filter(({ code }) => lackingCodes.has(code)).map(({ seq }) => seq))
  return told.filter(({ seq }) => !waits.has(seq)).map(({ key }) => key)
}
