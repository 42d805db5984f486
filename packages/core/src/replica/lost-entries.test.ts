/** Entries of no record that cannot be read back: each is lost alone, in no digest, and stands in its place again when a peer tells it. */
import { beforeAll, describe, expect, test } from 'vitest'
import { SPACE_CHANNEL } from '../identity/credential.ts'
import { MemoryDisk } from '../store/memory-disk.ts'
import { Space } from './damage.test-support.ts'
import { everything, order, peerOf } from './orders.test-support.ts'
import { startEngine } from './replica.test-support.ts'
import { REVOCATIONS_RECORD } from './revocations.ts'

beforeAll(startEngine)

const tree = { channel: SPACE_CHANNEL, kind: 'others' } as const

/** A hub that revoked two devices, the first of which it cannot read any more; Ana has heard of both. */
async function setUp() {
  const space = new Space()
  const disk = new MemoryDisk()
  const hub = await space.open('hub', { role: 'authority', read: ['*'], write: ['*'] }, disk)
  const ana = await space.edge('ana')
  await ana.workOrders.create(order, { id: '1' })
  for (const value of ['ab', 'cd']) await hub.revoke({ by: 'key', value: value.repeat(32) })
  await space.meet(hub, ana)
  for (const replica of [hub, ana]) await replica.session.digests.catchUp()
  expect((await hub.session.digests.kept.sum(tree, '')).count).toBe(2)
  await space.hangUp()
  const [first, second] = await hub.entriesOf(REVOCATIONS_RECORD)
  space.rotOf(disk).entries.add(first!.seq)
  return { space, disk, hub: await space.restarted(hub, disk, 'hub'), ana, first: first!, second: second! }
}

describe('DM-9: an entry of no record that cannot be read back', () => {
  test('fault S3: is lost alone, told as lost once, and is in no digest any more', async () => {
    const { space, disk, hub, second } = await setUp()
    const told = await hub.session.readLog(0, everything, peerOf(hub))
    expect(told.filter(({ kind }) => kind === 'revocation').map(({ seq }) => seq)).toEqual([second.seq])
    expect(told.filter(({ kind }) => kind === 'changes')).toHaveLength(1)
    expect(hub.quarantined).toEqual([])
    await hub.session.digests.catchUp()
    expect((await hub.session.digests.kept.sum(tree, '')).count).toBe(1)
    const again = await space.restarted(hub, disk, 'hub')
    await again.entriesOf(REVOCATIONS_RECORD)
    expect(space.codes('hub').filter((code) => code === 'entry-lost')).toHaveLength(1)
  })

  test('comes back from a peer to where it stood, and is told to others', async () => {
    const { space, disk, hub, ana, first } = await setUp()
    await hub.entriesOf(REVOCATIONS_RECORD)
    await space.meet(hub, ana)
    expect((await hub.entriesOf(REVOCATIONS_RECORD))[0]).toMatchObject({ seq: first.seq, bytes: first.bytes })
    expect(space.codes('hub')).toContain('entry-healed')
    expect(await hub.session.mayHaveDamaged(peerOf(ana))).toBe(false)
    for (const replica of [hub, ana]) await replica.session.digests.catchUp()
    expect(await hub.session.digests.kept.sum(tree, '')).toEqual(await ana.session.digests.kept.sum(tree, ''))
    const ben = await space.edge('ben')
    await space.meet(hub, ben)
    expect(await ben.entriesOf(REVOCATIONS_RECORD)).toHaveLength(2)
    await space.hangUp()
    const again = await space.restarted(hub, disk, 'hub')
    expect(await again.entriesOf(REVOCATIONS_RECORD)).toHaveLength(2)
  })

  test('does not make way for another one', async () => {
    const { space, hub, first } = await setUp()
    await hub.entriesOf(REVOCATIONS_RECORD)
    await hub.revoke({ by: 'key', value: 'ef'.repeat(32) })
    const seqs = (await hub.entriesOf(REVOCATIONS_RECORD)).map(({ seq }) => seq)
    expect(seqs).toHaveLength(2)
    expect(seqs).not.toContain(first.seq)
    expect(space.codes('hub')).not.toContain('entry-healed')
  })
})
