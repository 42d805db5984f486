/** What leads to a row in each table that a replica keeps: what happens to a hub and its devices in a year, in a second. */
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { MemoryDisk, memoryStore, type Rule, startSession } from '@skerry/core'
import { sqliteStore } from '@skerry/store-sqlite'
import { openStreams, segmentKind, startThresholds } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { editEntry } from './say.ts'
import { makeHub, ScriptedHub } from './scripted-hub.ts'
import { type Open, SPACE, type World } from './world.ts'

export const CHANNEL = 'site:SEA'

/** A hub sets shouted titles right. */
const quietly: Rule<{ title: string }> = {
  name: 'quietly',
  collection: 'visits',
  check: ({ after }) =>
    after.title === 'LOUD' ? { reason: 'do not shout', mend: (draft) => setQuiet(draft) } : undefined,
}

function setQuiet(draft: { title: string }): void {
  draft.title = 'loud'
}

const kinds = { segment: segmentKind({ compressor: nodeCompressor }) }

/** A device whose engine comes after it was written on. */
export async function coldStory(world: World): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const device = await world.open({ store: memoryStore(), engine: promise })
  await device.visits.create({ title: 'before the engine', site: 'SEA' }, { id: 'cold' })
  await device.visits.update('cold', (draft) => {
    draft.title = 'still before'
  })
  await device.visits.delete('cold')
  resolve()
  await device.visits.saved('cold', 'hub', { timeoutMs: 0 }).catch(() => undefined)
}

/** A hub on SQLite, with all that only a hub does. */
export async function hubStory(world: World, path: string) {
  const hub = await world.hub({ store: sqliteStore({ path }), rules: [quietly], kinds })
  const ana = await world.enrol({ store: memoryStore() })
  await hub.visits.create({ title: 'from the hub', site: 'SEA' }, { id: 'h' })
  await ana.visits.create({ title: 'LOUD', site: 'SEA' }, { id: 'mended' })
  await ana.visits.create({ title: 'elsewhere', site: 'NYC' }, { id: 'refused' })
  const meeting = world.meet(ana, hub)
  await world.until(async () => (await ana.aside()).length === 1)
  await world.inStep(meeting)
  await world.during(meeting.session.audit())
  await lend(hub, ana)
  await bury(hub)
  await follow(hub)
  const fork = await proveFork(world, hub)
  const taken = await takeBack(world, hub)
  await measure(hub)
  await meeting.end()
  return { hub, ana, fork, taken }
}

async function lend(hub: Open, { session, credential, head }: Open) {
  const { run } = session.runs.at(-1)!
  await hub.acquireLease({ system: 'crm', credential: credential!, run, head, ms: 8_000 })
}

async function bury(hub: Open) {
  await hub.visits.create({ title: 'soon gone', site: 'SEA' }, { id: 'gone' })
  await hub.visits.delete('gone')
  while (!(await hub.upkeep()).done);
}

async function follow(hub: Open) {
  const follower = hub.follower('reader')
  await hub.transact(async (transaction) => follower.advance(transaction, 2))
}

/** Two changes under one sequence of one actor. */
async function proveFork(world: World, hub: Open) {
  const { stranger } = await world.stranger(hub, { subject: 'eve' })
  const actor = Buffer.concat([Uint8Array.of(0), randomBytes(16)])
  for (const title of ['one', 'two']) {
    const set = { title, site: 'SEA' }
    stranger.tell(editEntry(stranger.author, { record: 'visits/forked', actor, set }).bytes)
  }
  await world.until(() => stranger.ended !== undefined)
  return { actor: actor.toString('hex') }
}

/** What a revoked device wrote, and an honest one brings that has not heard of it. */
async function takeBack(world: World, hub: Open) {
  const [ben, cyd] = await Promise.all(
    ['ben', 'cyd'].map((subject) => world.enrol({ store: memoryStore() }, { subject })),
  )
  for (const device of [ben!, cyd!]) {
    const met = world.meet(device, hub)
    await world.inStep(met)
    await met.end()
  }
  await ben!.visits.update('h', (visit) => {
    visit.title = 'by a thief'
  })
  const between = world.meet(ben!, cyd!)
  await world.inStep(between)
  await between.end()
  await hub.revoke({ by: 'key', value: Buffer.from(ben!.publicKey).toString('hex') })
  await world.inStep(world.meet(cyd!, hub))
  return { ben: ben! }
}

async function measure(hub: Open) {
  const streams = await openStreams(hub, { compressor: nodeCompressor })
  for (let i = 0; i < 50; i++) streams.append('gw-1/roof', 1_000 * i, i === 30 ? Number.NaN : i / 10)
  for (let i = 0; i < 50; i++) streams.append('gw-1/noise', 1_000 * i, Math.sin(i) * 1e-7)
  await streams.flush()
  await streams.close()
  const rule = { name: 'too warm', streams: 'gw-1/*', above: 2, clear: 1, forReadings: 3 }
  const { promise: isOpened, resolve, reject } = Promise.withResolvers<void>()
  const open = async () => resolve()
  const thresholds = startThresholds(hub, [rule], { compressor: nodeCompressor, open, onError: reject })
  await isOpened
  await thresholds.close()
}

/** Devices alone with each other. */
export async function peersStory(world: World) {
  const ana = await world.enrol({ store: memoryStore() })
  const { stranger } = await world.stranger(ana)
  const actor = Buffer.concat([Uint8Array.of(0), randomBytes(16)])
  const lacking = { sequence: 2, firstOperation: 9, dependencies: ['ab'.repeat(32)] }
  const edit = { record: 'visits/parked', actor, set: { title: 'too early', site: 'SEA' }, ...lacking }
  const { bytes } = editEntry(stranger.author, edit)
  stranger.tell(bytes)
  await world.until(() => world.wrote('parked'))
  return { parked: bytes, author: stranger.author }
}

/** A record that is heavy, on a device that has no thread to try it in. */
export async function heavyStory(world: World) {
  const disk = new MemoryDisk()
  const ana = await world.enrol({ store: memoryStore({ disk }) })
  await ana.visits.create({ title: 'a book', site: 'SEA', notes: 'x'.repeat(20_000) }, { id: 'heavy' })
  await ana.close()
  const again = await world.open({ store: memoryStore({ disk }) })
  await again.visits.update('heavy', (visit) => {
    visit.title = 'the same book'
  })
}

/** What a device and a hub that a test makes speak say to each other. */
async function scripted(world: World) {
  const all = { role: 'authority', read: ['*'], write: ['*'] } as const
  const self = await makeHub(SPACE, (key) => world.token(key, { subject: 'hub', ...all }))
  const device = await world.enrol({ store: memoryStore() })
  const meet = async (refused: string[] = []) => {
    const { link } = world.line()
    const session = startSession(device.session, link.initiator, { role: 'initiator' })
    const hub = new ScriptedHub(self, link.acceptor, { read: [CHANNEL, '@space'], refused })
    await world.until(() => session.state === 'open')
    return { hub, session }
  }
  return { device, meet }
}

/** What only a hub can say to a device: who is in a channel, and what is there to be seen. */
export async function toldStory(world: World) {
  const { device, meet } = await scripted(world)
  const { hub, session } = await meet()
  const actor = Buffer.concat([Uint8Array.of(0), randomBytes(16)])
  const left = editEntry(hub.author, { record: 'visits/left', actor, set: { title: 'left', site: 'SEA' } })
  const views = ['away', 'later'].map((id, i) => {
    return [`visits/${id}`, `${i}`.repeat(16), { title: id, site: 'SEA' }] as const
  })
  hub.show(views)
  await world.until(() => device.unverified() === 2)
  const enter = { kind: 'enter', channel: CHANNEL } as const
  hub.tell(
    [
      { kind: 'entry', seq: 1, bytes: left.bytes },
      { ...enter, seq: 2, record: 'visits/left' },
    ],
    2,
  )
  await world.until(async () => (await device.visits.get('left')) !== undefined)
  await device.visits.update('left', (visit) => {
    visit.title = 'unanswered'
  })
  const leave = { kind: 'leave', channel: CHANNEL } as const
  const marks = [
    { ...leave, seq: 3, record: 'visits/left' },
    { ...leave, seq: 4, record: 'visits/away' },
    { ...enter, seq: 5, record: 'visits/before-its-snapshot' },
  ]
  hub.tell(marks, 5)
  await world.until(() => world.wrote('leaving') && world.wrote('entered'))
  session.close()
  const again = await meet([CHANNEL])
  await world.until(() => world.rows.some(({ table, key }) => table === 'cursors' && key.endsWith('/')))
  again.session.close()
}

/** A snapshot is refused by whoever had its entries once. */
export async function startOverStory(world: World) {
  const { device, meet } = await scripted(world)
  await device.visits.create({ title: 'often changed', site: 'SEA' }, { id: 'packed' })
  for (let i = 0; i < 8; i++)
    await device.visits.update('packed', (visit) => {
      visit.title = `change ${i}`
    })
  const first = await meet()
  const isTold = (hub: ScriptedHub) => hub.told.some(({ kind }) => kind === 'entry')
  await world.until(() => isTold(first.hub))
  first.hub.answer(device.head, 1)
  await world.until(async () => (await device.stats()).unacknowledged === 0)
  first.session.close()
  while (!(await device.upkeep()).done);
  const second = await meet()
  await world.until(() => isTold(second.hub))
  const [told] = second.hub.told.flatMap((item) => (item.kind === 'entry' ? item : []))
  second.hub.answer(device.head, 1, [{ seq: told!.seq, code: 'not-granted', reason: 'no longer' }])
  await world.until(() => world.wrote('again'))
  return { snapshot: told!.bytes }
}

/** A device gives up what it holds, as its operator wants. */
export async function wipeStory(world: World, hub: Open) {
  const device = await world.enrol({ store: memoryStore() }, { subject: 'stolen' })
  await world.inStep(world.meet(device, hub))
  await hub.revoke({ by: 'hash', value: device.credential!.hash, wipe: true })
  await world.until(async () => world.rows.some(({ table, key }) => table === 'state' && key === 'wiping'))
  await world.until(async () => (await device.stats()).records === 0)
}

/** Bits flip in a file. */
export function rot(path: string): void {
  const db = new DatabaseSync(path)
  const flip = 'UPDATE entries SET bytes = CAST(zeroblob(length(bytes)) AS BLOB) WHERE seq IN '
  db.exec(`${flip} (SELECT min(seq) FROM entries WHERE kind = 7)`)
  db.exec(
    `${flip} (SELECT e.seq FROM entries e JOIN records r ON r.id = e.record WHERE r.record = 'visits/h')`,
  )
  db.close()
}
