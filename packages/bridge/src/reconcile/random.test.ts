/**
 * Both sides edit and delete as they like; pushes are lost, listings are cut off, positions expire, the process dies between pages, the node's disk is put back to an older copy. After one
 * walk both sides are equal and nothing is there twice, and what a walk costs follows what differs (SPEC B-110 to B-121). A failure names its seed.
 */
import {
  type Adapter,
  type Bridge,
  type ListAnswer,
  MemorySystem,
  type MemorySystemOptions,
} from '@skerry/bridge'
import { type Json, MemoryDisk, RecordNotFound } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { bridged, jobMapping, openNode, seeded, type TestNode } from '../../test/nodes.ts'

beforeAll(startEngine)

const STEPS = 40
const SEEDS = 120
const SEEDS_MS_MAX = 120_000
const PAGE_ROWS = 3
const words = ['pump', 'valve', 'rotor', 'mast', 'quay']

class Life {
  readonly random: () => number
  readonly system: MemorySystem
  disk = new MemoryDisk()
  backup: MemoryDisk | undefined
  faults = true
  node!: TestNode
  bridge!: Bridge
  readonly #seed: number
  #made = 0

  constructor(seed: number) {
    this.#seed = seed
    this.random = seeded(seed)
    const options: MemorySystemOptions = {
      compareAndSet: seed % 3 !== 0,
      namesPositions: seed % 2 === 0,
      deletions: seed % 4 < 2 ? 'unseen' : 'told',
      losesPush: () => this.random() < 0.8,
      now: () => this.node.host.clock,
    }
    this.system = new MemorySystem(options)
  }

  async start(): Promise<void> {
    this.node = await openNode({ disk: this.disk, seed: 1 + Math.floor(this.random() * 1e9) })
    const { bridge } = await bridged(this.node, this.system, {
      adapter: this.#unreliable(this.system.adapter()),
      mappings: [{ ...jobMapping, deletes: this.#seed % 5 < 2 ? 'delete-wins' : 'edit-wins' }],
      reconcileIntervalMs: 0,
    })
    this.bridge = bridge
  }

  #unreliable(adapter: Adapter): Adapter {
    return {
      ...adapter,
      changes: async (...given) =>
        this.faults && this.random() < 0.3 ? { kind: 'unknown', reason: 'lost' } : adapter.changes(...given),
      list: async (type, position, _, call): Promise<ListAnswer> => {
        const answer = await adapter.list!(type, position, PAGE_ROWS, call)
        if (!this.faults || answer.kind !== 'page') return answer
        const chance = this.random()
        if (chance < 0.1) return { kind: 'later', reason: 'busy' }
        // Cut off: some systems know that it is no whole listing, some do not.
        if (chance < 0.2) return { ...answer, complete: true, proves: chance < 0.15 }
        return answer
      },
    }
  }

  async step(): Promise<void> {
    this.node.host.clock += Math.floor(this.random() * 5_000)
    const what = this.random()
    if (what < 0.3) await this.#ours()
    else if (what < 0.62) this.#theirs()
    else if (what < 0.68) void this.bridge.pollNow()
    else if (what < 0.76) void this.bridge.reconcile().catch(() => undefined)
    else if (what < 0.82) await this.bridge.idle()
    else if (what < 0.86) this.system.expirePositions()
    else if (what < 0.9) await this.#restart(this.disk)
    else if (what < 0.93) this.backup = this.disk.clone()
    else if (what < 0.95 && this.backup) await this.#restart(this.backup.clone())
    else await new Promise((resolve) => setImmediate(resolve))
  }

  async #restart(disk: MemoryDisk): Promise<void> {
    this.node.host.dead = true
    this.disk.crash()
    this.disk = disk
    await this.start()
  }

  async #ours(): Promise<void> {
    const { jobs } = this.node.replica
    const all = await jobs.all()
    const one = all[Math.floor(this.random() * (all.length + 1))]
    if (!one) return void (await jobs.create({ title: this.#word() }, { id: `job-${++this.#made}` }))
    const change =
      this.random() < 0.15
        ? jobs.delete(one.id)
        : jobs.update(
            one.id,
            (draft) => void Object.assign(draft, { [this.random() < 0.5 ? 'title' : 'site']: this.#word() }),
          )
    await change.catch((error: unknown) => {
      // The system may have deleted it since it was listed.
      if (!(error instanceof RecordNotFound)) throw error
    })
  }

  #theirs(): void {
    const rows = this.system.rows('cases')
    const row = rows[Math.floor(this.random() * (rows.length + 1))]
    if (!row) this.system.edit('cases', {}, { Title: this.#word() })
    else if (this.random() < 0.15) this.system.edit('cases', { id: row.id, deleted: !row.deleted }, {})
    else if (!row.deleted)
      this.system.edit('cases', { id: row.id }, { [this.random() < 0.5 ? 'Title' : 'Site']: this.#word() })
  }

  #word(): string {
    return words[Math.floor(this.random() * words.length)]!
  }

  /** Calls of a method since the ledger had that length. */
  callsSince(length: number, method: string): number {
    return this.system.ledger.slice(length).filter((call) => call.method === method).length
  }
}

const shown = (title: Json | undefined, site: Json | undefined) => JSON.stringify([title, site ?? null])

async function expectEqual({ node, system }: Life): Promise<void> {
  const records = await node.replica.jobs.all()
  const rows = system.rows('cases').filter(({ deleted }) => !deleted)
  expect(records.map(({ title, site }) => shown(title, site)).sort()).toEqual(
    rows.map(({ value: { Title, Site } }) => shown(Title, Site)).sort(),
  )
}

async function live(seed: number): Promise<void> {
  const life = new Life(seed)
  await life.start()
  for (let i = 0; i < STEPS; i++) await life.step()
  life.faults = false
  await life.bridge.idle()
  await life.bridge.reconcile({ acceptDeletions: true })
  await life.bridge.idle()
  expect(life.bridge.stats()).toMatchObject({ open: 0, hints: 0, dead: 0 })
  await expectEqual(life)
  await expectCostOfDifference(life)
  await life.bridge.close()
}

/** Some rows change and nobody tells: a walk asks for the listing, for those rows, and for nothing else. */
async function expectCostOfDifference(life: Life): Promise<void> {
  const { system, bridge, random } = life
  const alive = system.rows('cases').filter(({ deleted }) => !deleted)
  const listed = system.rows('cases').length
  const changed = alive.filter(() => random() < 0.3)
  const { ledger } = system
  for (const { id } of changed) system.edit('cases', { id }, { Title: `edited ${id}` })
  await bridge.idle()
  const before = ledger.length
  const [report] = await bridge.reconcile()
  const pages = Math.max(1, Math.ceil(listed / PAGE_ROWS))
  expect(life.callsSince(before, 'list')).toBe(pages)
  expect(life.callsSince(before, 'read')).toBeLessThanOrEqual(changed.length)
  expect(report!.calls).toBeLessThanOrEqual(pages + changed.length)
  await bridge.idle()
  await expectEqual(life)
  const at = ledger.length
  await bridge.reconcile()
  await bridge.idle()
  expect(ledger.slice(at).map(({ method }) => method)).toEqual(Array.from({ length: pages }, () => 'list'))
}

test('B-110 B-112 B-116 B-119 REC-1: after one walk both sides are equal', {
  timeout: SEEDS_MS_MAX,
}, async () => {
  const only = Number(process.env.SEED ?? 0)
  for (let seed = only || 1; seed <= (only || SEEDS); seed++)
    await live(seed).catch((error: unknown) => {
      throw new Error(
        `seed ${seed} (SEED=${seed} npx vitest run packages/bridge/src/reconcile/random.test.ts): ${String(error)}`,
        { cause: error },
      )
    })
})
