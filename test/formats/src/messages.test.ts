/** Every message of the wire, said by replicas of the project, read by a stranger to the last byte, and held against what those who said it know. */
import { randomBytes } from 'node:crypto'
import { MemoryDisk, memoryStore } from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  isSignature,
  isSigned,
  readEntry,
  readFrontier,
  recordDigest,
  seededDigest,
  sha256,
  sumOf,
} from './entry.ts'
import { unnoticed } from './every-byte.ts'
import { Fields, written } from './fields.ts'
import { readFrame, readViews } from './frame.ts'
import { storedAsItIs } from './inflated.ts'
import { readAck, readBye, readCredential, readGranted, readWantMessage } from './message.ts'
import { messages, readMessage } from './messages.ts'
import { presenceStatement, readAuthor, readPresence, readWho } from './presence.ts'
import { type ReadCompare, readAnswer, readAsk, readCompare, readDifferences } from './reconciling.ts'
import { readToken } from './token.ts'
import { type Meeting, type Open, type Said, SPACE, World } from './world.ts'

const CHANNEL = 'site:SEA'
const RECORDS = 90

let world: World
let story: Awaited<ReturnType<typeof tell>>

beforeAll(async () => {
  world = await World.create()
  story = await tell()
  return () => world.close()
}, 240_000)

/** What leads to one message after the other. */
async function tell() {
  const disk = new MemoryDisk()
  const hub = await world.hub({ store: memoryStore({ disk }), views: { recordsMin: 1 } })
  const ana = await world.enrol({ store: memoryStore() })
  const ben = await world.enrol({ store: memoryStore() }, { subject: 'ben' })
  for (let i = 0; i < RECORDS; i++)
    await hub.visits.create({ title: `visit ${i}`, site: 'SEA' }, { id: `v${i}` })
  const first = world.meet(ana, hub)
  await world.inStep(first)
  const second = world.meet(ben, hub)
  await world.inStep(second)
  const statesBefore = await statesOf(ana)
  const recount = await world.during(first.session.audit({ recount: true }))
  const bens = await present(ana, ben)
  await askAnew(ana, first)
  await ana.visits.create({ title: 'not mine to place', site: 'NYC' }, { id: 'refused' })
  await ana.visits.create({ title: randomBytes(150_000).toString('base64'), site: 'SEA' }, { id: 'large' })
  await world.until(async () => (await ben.visits.get('large')) !== undefined)
  const stranger = await meetStrangers(hub)
  const tokenOf = (digit: string) => ({ by: 'hash', value: digit.repeat(64) }) as const
  await hub.revoke(tokenOf('1'))
  await world.inStep(first)
  const older = disk.clone()
  await hub.revoke(tokenOf('2'))
  await ana.visits.update('v3', (visit) => {
    visit.title = 'lost with the hub'
  })
  await world.inStep(first)
  await Promise.all([first.end(), second.end()])
  await hub.close()
  return {
    ...(await withOlderHub(older, ana, ben)),
    hub,
    ana,
    ben,
    bens,
    first,
    recount,
    statesBefore,
    stranger,
  }
}

/** Presence: said, taken back, passed on, and by somebody whom the hearer does not know. */
async function present(ana: Open, ben: Open) {
  const [here, there] = [ana.presence(CHANNEL), ben.presence(CHANNEL)]
  here.say({ looksAt: 'v1' })
  await world.until(() => there.others().length === 1)
  here.leave()
  await world.until(() => there.others().length === 0)
  const [eve, fay, gus] = await Promise.all(
    ['eve', 'fay', 'gus'].map((subject) => world.enrol({ store: memoryStore() }, { subject })),
  )
  world.meet(eve!, fay!)
  world.meet(gus!, fay!)
  eve!.presence(CHANNEL).say('here')
  await world.until(() => gus!.presence(CHANNEL).others().length === 1)
  return { eve: eve! }
}

async function askAnew(ana: Open, { session, said }: Meeting) {
  session.renew(await world.token(ana.publicKey, { read: [CHANNEL, 'site:OSL'], write: [CHANNEL] }))
  await world.until(() => said.filter(({ message }) => message[0] === 0x15).length >= 2)
}

/** One who only names its credential, and one who takes no part in presence. */
async function meetStrangers(hub: Open) {
  const { link, said } = await world.stranger(hub, {}, { namesOnly: true })
  link.initiator.close(1000, 'done')
  const quiet = await world.enrol({ store: memoryStore(), presence: false }, { subject: 'quiet' })
  const loud = await world.enrol({ store: memoryStore() }, { subject: 'loud' })
  const [one, other] = [world.meet(quiet, hub), world.meet(loud, hub)]
  loud.presence(CHANNEL).say(1)
  await world.until(() => one.said.some(({ message }) => message[0] === 0x33))
  await Promise.all([one.end(), other.end()])
  return { said }
}

/** The hub is set back to an older copy, so that its cursors are worth nothing; then a device is revoked that is present. */
async function withOlderHub(older: MemoryDisk, ana: Open, ben: Open) {
  const hub = await world.open({ store: memoryStore({ disk: older }), role: hubRole })
  await hub.visits.create({ title: 'made when it was set back', site: 'SEA' }, { id: 'anew' })
  const atHub = await statesOf(hub)
  const atAna = await statesOf(ana)
  const compared = world.meet(ana, hub)
  await world.inStep(compared)
  const bens = world.meet(ben, hub)
  await world.inStep(bens)
  ben.presence(CHANNEL).say('until I am revoked')
  const isHeard = () =>
    ana
      .presence(CHANNEL)
      .others()
      .some(({ subject }) => subject === 'ben')
  await world.until(isHeard)
  await hub.revoke({ by: 'key', value: Buffer.from(ben.publicKey).toString('hex') })
  await world.until(() => bens.session.state === 'closed' && !isHeard())
  await compared.end()
  return { older: hub, compared, bensLast: bens, atHub, atAna }
}

/** By record key, what is compared of it. */
async function statesOf(replica: Open) {
  const rows = await replica.rows.scanRows('visits', '', 1_000)
  return new Map(rows.map(({ record, frontier }) => [record, readFrontier(frontier)]))
}

type States = Awaited<ReturnType<typeof statesOf>>

const ofType = (type: number, said: readonly Said[] = world.said) =>
  said.flatMap(({ message }) => (message[0] === type ? [message] : []))
const framesIn = (said: readonly Said[] = world.said) => ofType(0x10, said).map(readFrame)

/** Those of the records of a tree that stand below a node. */
function below(states: States, name: string): [key: string, digest: Uint8Array][] {
  return [...states]
    .filter(([key, { channels }]) => channels.includes(CHANNEL) && itemHash(key).startsWith(name))
    .map(([key, frontier]) => [key, recordDigest(key, frontier)])
}

/** D-1 */
const itemHash = (key: string) => sha256(Buffer.from(key)).subarray(0, 8).toString('hex')
const digestsBelow = (states: States, name: string) => below(states, name).map(([, digest]) => digest)

/** Another spelling of a frame that is deflated. */
function uncompressed(message: Uint8Array): Uint8Array {
  if (message[0] !== 0x10 || (message[1]! & 1) === 0) return message
  const fields = new Fields(message.subarray(2))
  const length = written.varint(fields.varint())
  return Buffer.concat([message.subarray(0, 2), length, storedAsItIs(fields.raw(fields.left))])
}

describe('the messages', () => {
  test('session, Encoding: each of the table was said, and is read to its last byte', () => {
    const said = world.said.map(({ message }) => readMessage(message).name)
    expect(new Set(said)).toEqual(new Set(Object.values(messages).map(({ name }) => name)))
  })

  test('session, Encoding: no byte of any of them is without meaning', () => {
    const sizes = new Map<string, Uint8Array>()
    for (const { message } of world.said) {
      const { name } = readMessage(message)
      const flags = name === 'FRAME' || name === 'COMPARE' ? message[name === 'FRAME' ? 1 : 2] : 0
      const sort = `${name} ${flags} ${name === 'PRESENCE' ? message[1] : ''}`
      // The longest of each sort that is not too long to be changed at every byte.
      if (message.length < 6_000 && message.length > (sizes.get(sort)?.length ?? 0)) sizes.set(sort, message)
    }
    expect(sizes.size).toBeGreaterThan(Object.keys(messages).length)
    for (const [sort, message] of sizes)
      expect([sort, unnoticed(uncompressed(message), readMessage)]).toEqual([sort, []])
  })

  test('session: each comes from who may send it', () => {
    const acceptors = [0x01, 0x03, 0x04]
    for (const { from, message } of world.said) {
      if (acceptors.includes(message[0]!)) expect(from).toBe('acceptor')
      if (message[0] === 0x02 || message[0] === 0x14) expect(from).toBe('initiator')
    }
  })
})

describe('session H11, E3: asking anew', () => {
  test('WANT and CREDENTIAL are answered with GRANTED, which names the want', () => {
    const { first } = story
    const [credential] = ofType(0x14, first.said).map(readCredential)
    const shown = readToken(credential!.token, world.authority.publicKey)
    expect(shown).toMatchObject({ subject: 'ana', read: [CHANNEL, 'site:OSL'] })
    const granted = ofType(0x15, first.said).map(readGranted)
    // Of the credential first: the want that followed it is answered by what it grants.
    expect(granted.map(({ want }) => want)).toEqual([0, 1])
    expect(granted[0]).toMatchObject({ write: [CHANNEL], refused: [] })
    const [{ want }] = ofType(0x13, first.said).map(readWantMessage) as [ReturnType<typeof readWantMessage>]
    expect(want).toMatchObject({ kind: 'channels' })
    const { channels } = want as Extract<typeof want, { kind: 'channels' }>
    // Its credential was not in use yet: the replica keeps the one it has until it is handed another.
    expect(Object.keys(channels)).toEqual([CHANNEL, '@space'])
    expect(channels[CHANNEL]).toMatchObject({ run: story.hub.session.runs.at(-1)!.run })
  })
})

describe('session I2, I3, I4: answers', () => {
  test('ACK names a position that was told, the head, and what was refused', () => {
    const acks = ofType(0x11).map(readAck)
    const refusals = acks.flatMap((one) => one.refusals)
    expect(refusals).toContainEqual({
      seq: expect.any(Number),
      code: 'channel-not-granted',
      reason: expect.stringContaining('site:NYC'),
    })
    const positions = new Set(framesIn().flatMap(({ position }) => position?.seq ?? []))
    for (const { position } of acks) expect(positions).toContain(position)
  })

  test('CREDIT gives back what durable frames took: their bytes, and 128 for each', () => {
    const { first } = story
    const returned = first.said.filter(({ from }) => from === 'acceptor')
    const bytes = ofType(0x12, returned).map((message) => readMessage(message).said.bytes as number)
    const taken = ofType(
      0x10,
      first.said.filter(({ from }) => from === 'initiator'),
    )
    const costs = taken.map(({ length }) => length + 128)
    const sums = costs.map((_, i) => costs.slice(0, i + 1).reduce((a, b) => a + b))
    expect(bytes.length).toBeGreaterThan(0)
    expect(sums).toContain(bytes[0])
    expect(bytes[0]).toBeGreaterThanOrEqual(128 * 1024)
  })
})

describe('session U: views', () => {
  test('U1: go first, are of the records as they are, and the last frame says so', async () => {
    const frames = framesIn(story.first.said.filter(({ from }) => from === 'acceptor'))
    const views = frames.filter(({ isViews }) => isViews)
    expect(frames.findIndex(({ items }) => items.some(({ kind }) => kind === 'entry'))).toBeGreaterThan(
      frames.indexOf(views.at(-1)!),
    )
    expect(views.at(-1)!.isCurrent).toBe(true)
    const told = views.flatMap(({ items }) =>
      items.flatMap((item) => (item.kind === 'views' ? readViews(item.bytes) : [])),
    )
    expect(told).toHaveLength(RECORDS)
    for (const { record, version, heads, view } of told) {
      const frontier = story.statesBefore.get(record)!
      expect([version, heads]).toEqual([1, frontier.heads.map((head) => head.slice(0, 16)).join('')])
      expect(JSON.parse(view)).toEqual({ site: 'SEA', title: `visit ${record.slice('visits/v'.length)}` })
    }
  })
})

describe('reconciliation D and Q', () => {
  const opening = ({ said }: Meeting) =>
    ofType(0x20, said)
      .map(readCompare)
      .find((compare) => compare.opening?.seed === undefined) as Required<ReadCompare>

  test('D-2: the root of a tree is the sum of its records’ digests', () => {
    const { trees, granted } = opening(story.compared).opening
    expect(granted).toBe(0)
    const root = trees.find(({ kind, channel }) => kind === 0 && channel === CHANNEL)!
    const digests = digestsBelow(story.atAna, '')
    expect([root.count, sumOf([root.sum])]).toEqual([digests.length, sumOf(digests)])
  })

  test('D-1, Q4: a root that differs is answered by sums of the nodes two digits below, each of the items whose hashes begin so', () => {
    const trees = opening(story.compared).opening.trees
    const at = trees.findIndex(({ kind, channel }) => kind === 0 && channel === CHANNEL)
    const [answers] = ofType(0x21, story.compared.said).map((message) => readDifferences(message).answers)
    const root = answers![at]!
    if (root.kind !== 'sums') throw new Error(`the root is answered by ${root.kind}`)
    const names = Object.keys(root.below).sort()
    expect(names).toEqual(
      [...new Set(below(story.atHub, '').map(([key]) => itemHash(key).slice(0, 2)))].sort(),
    )
    for (const [name, { count, sum }] of Object.entries(root.below)) {
      const digests = digestsBelow(story.atHub, name)
      expect([name, count, sumOf([sum])]).toEqual([name, digests.length, sumOf(digests)])
    }
  })

  test('Q4, Q6: a node that was asked is named by its digits, and answered by the items that are in it', () => {
    const asked = ofType(0x20, story.compared.said).flatMap((message) => readCompare(message).nodes ?? [])
    const differing = ['visits/v3', 'visits/anew'].map((key) => itemHash(key).slice(0, 2))
    expect(asked.map(({ name }) => name).sort()).toEqual(differing.sort())
    for (const { name, count, sum } of asked) {
      const digests = digestsBelow(story.atAna, name)
      expect([count, sumOf([sum])]).toEqual([digests.length, sumOf(digests)])
      const answers = ofType(0x21, story.compared.said).flatMap((one) => readDifferences(one).answers)
      const items = answers.flatMap((answer) => (answer.kind === 'items' ? answer.items : []))
      const listed = items.map(({ hash, digest }) => `${hash} ${Buffer.from(digest).toString('hex')}`)
      const expected = below(story.atHub, name).map(
        ([key, digest]) => `${itemHash(key)} ${Buffer.from(digest).toString('hex')}`,
      )
      expect(listed.filter((item) => item.startsWith(name))).toEqual(expected.sort())
    }
  })

  test('Q6, Q9: what differs is asked with its state, and answered with that of the other side', () => {
    const { records, end } = ofType(0x22, story.compared.said).map(readAsk)[0]!
    const runs = ({ sequences }: { sequences: Record<string, number> }) =>
      Object.fromEntries(Object.entries(sequences).filter(([actor]) => !actor.startsWith('01')))
    const stateIn = (states: States) => ({
      incarnation: 0,
      actors: runs(states.get('visits/v3')!),
      receipts: [],
    })
    const had = { key: 'visits/v3', isUnderWay: false, state: stateIn(story.atAna) }
    expect(records).toHaveLength(3)
    expect(records).toContainEqual(expect.objectContaining(had))
    expect(records).toContainEqual(expect.objectContaining({ hash: itemHash('visits/anew') }))
    expect(end).toEqual({ beginning: [] })
    const [answer] = ofType(0x23, story.compared.said).map(readAnswer)
    const ofRecords = (key: string) => key.startsWith('visits/')
    const told = records.findIndex((record) => 'key' in record && ofRecords(record.key))
    const lacked = records.findIndex((record) => 'hash' in record)
    // What the asker tells by itself may have come meanwhile.
    expect([stateIn(story.atHub), stateIn(story.atAna)]).toContainEqual(answer!.records[told]!.state)
    expect(answer!.records[lacked]!.state).toBeUndefined()
    const { run, seq } = answer!.settled!
    const owner = story.older.session.runs.filter(({ first }) => first <= seq).at(-1)
    expect(owner?.run).toBe(run)
  })

  test('D-1, Q6: an entry of no record is asked by its key, and its state says that it is there and nothing else', () => {
    const trees = opening(story.compared).opening.trees
    const { records } = ofType(0x22, story.compared.said).map(readAsk)[0]!
    const other = trees.findIndex(({ kind, channel }) => kind === 1 && channel === '@space')
    const asked = records.filter(({ tree }) => tree === other)
    const body = Buffer.concat([Uint8Array.of(1, 1), Buffer.alloc(32, 0x22), Uint8Array.of(0)])
    const key = `@space/revocations\n${sha256(body).subarray(0, 8).toString('hex')}`
    const state = { incarnation: 0, actors: {}, receipts: [] }
    expect(asked).toEqual([{ tree: other, key, isUnderWay: false, state }])
    const [answer] = ofType(0x23, story.compared.said).map(readAnswer)
    expect(answer!.records[records.indexOf(asked[0]!)]).toMatchObject({ isUnderWay: expect.any(Boolean) })
  })

  test('Q9: what the asker lacks comes beside the stream, with the mark that it is in the channel', () => {
    const fromHub = framesIn(story.compared.said.filter(({ from }) => from === 'acceptor'))
    const missing = fromHub.filter(({ isMissing }) => isMissing).flatMap(({ items }) => items)
    const entries = missing.flatMap((item) => (item.kind === 'entry' ? readEntry(item.bytes) : []))
    const made = entries.find(({ record }) => record === 'visits/anew')!
    expect(isSigned(made, SPACE, story.older.publicKey)).toBe(true)
    const enters = missing.filter(({ kind }) => kind === 'enter')
    expect(enters).toContainEqual(expect.objectContaining({ channel: CHANNEL, record: 'visits/anew' }))
  })

  test('D-7: a recount is under a seed of its own', () => {
    expect(story.recount).toMatchObject({ diverged: 0 })
    const seeded = ofType(0x20, story.first.said)
      .map(readCompare)
      .find(({ opening }) => opening?.seed)!
    const { seed, trees } = seeded.opening!
    expect(trees.map(({ kind, channel }) => [kind, channel])).toEqual([[0, CHANNEL]])
    const digests = below(story.statesBefore, '').map(([key, digest]) => seededDigest(seed!, key, digest))
    expect(trees.map(({ count, sum }) => [count, sumOf([sum])])).toEqual([[RECORDS, sumOf(digests)]])
  })
})

describe('ephemeral: presence', () => {
  const said = () => ofType(0x30).map(readPresence)

  test('Encoding: is signed by the key of the credential that it cites, whoever passes it on', () => {
    const { ana, bens } = story
    const byAna = said().filter(({ value }) => Buffer.from(value).toString() === '{"looksAt":"v1"}')
    expect(byAna.map(({ hops }) => hops)).toEqual([31, 30])
    for (const one of byAna) {
      expect(one).toMatchObject({ kind: 'here', channel: CHANNEL })
      expect(isSignature(ana.publicKey, presenceStatement(SPACE, one), one.signature!)).toBe(true)
      expect(isSignature(ana.publicKey, presenceStatement('elsewhere', one), one.signature!)).toBe(false)
    }
    const eves = said().filter(({ value }) => Buffer.from(value).toString() === '"here"')
    expect(eves.length).toBeGreaterThanOrEqual(2)
    for (const one of eves)
      expect(isSignature(bens.eve.publicKey, presenceStatement(SPACE, one), one.signature!)).toBe(true)
  })

  test('PR-3, PR-13: leaving is signed, and what the authority withdraws is not', () => {
    const left = said().find(({ kind }) => kind === 'left')!
    expect(isSignature(story.ana.publicKey, presenceStatement(SPACE, left), left.signature!)).toBe(true)
    expect(said().filter(({ kind }) => kind === 'withdrawn')).toMatchObject([
      { channel: CHANNEL, value: new Uint8Array(), signature: undefined },
    ])
  })

  test('PR-12: an author that is not known is asked for by its hash', () => {
    const { eve } = story.bens
    expect(ofType(0x31).map(readWho)).toContainEqual({ credential: eve.credential!.hash })
    expect(ofType(0x32).map(readAuthor)).toContainEqual({ token: eve.credential!.token })
  })
})

describe('session H5, E4', () => {
  test('SHOW is answered with the same HELLO and the token', () => {
    const types = story.stranger.said.slice(0, 5).map(({ message }) => message[0])
    expect(types).toEqual([0x01, 0x02, 0x04, 0x02, 0x03])
    const [before, after] = ofType(0x02, story.stranger.said).map((hello) => readMessage(hello).said)
    const { credential: named, ...rest } = before as { credential: { hash: string; token: string } }
    const { credential: shown, ...same } = after as { credential: { hash: string; token: string } }
    expect(same).toEqual(rest)
    expect(named.token).toBe('')
    expect(sha256(Buffer.from(shown.token)).toString('hex')).toBe(named.hash)
  })

  test('BYE to a revoked device shows the revocation, which the authority’s device signed', () => {
    const [bye] = ofType(0x1f, story.bensLast.said).map(readBye)
    expect(bye).toMatchObject({
      code: 'credential-revoked',
      problem: { code: 'credential-revoked', retryable: false },
    })
    const { entry, credential } = bye!.problem.revocation!
    const shown = readToken(credential, world.authority.publicKey)
    expect(shown.role).toBe('authority')
    const revocation = readEntry(Buffer.from(entry, 'hex'))
    expect(isSigned(revocation, SPACE, shown.key)).toBe(true)
    expect(revocation).toMatchObject({ kind: 7, record: '@space/revocations' })
  })
})
