/**
 * Both sides edit, delete and restore as they like, answers are lost, the power goes; when that stops, everything drains and both sides are equal (SPEC B-40). A failure
 * names its seed.
 */

import {
  type Bridge,
  type DeleteRule,
  type MappingConfig,
  MemorySystem,
  type MemorySystemOptions,
} from '@skerry/bridge'
import { type Json, MemoryDisk, RecordNotFound } from '@skerry/core'
import { startEngine } from '@skerry/node'
import { beforeAll, expect, test } from 'vitest'
import { unreliable } from '../test/around-calls.ts'
import { expectAuditTold } from '../test/audit-oracle.ts'
import { bridged, jobMapping, openNode, seeded, type TestNode } from '../test/nodes.ts'

beforeAll(startEngine)

const STEPS = 40
/** Milliseconds: 60 seeds take some seconds, and many times that where other tests run beside them. */
const SEEDS_MS_MAX = 120_000
const SEEDS = 60
/** What one call takes: one write, or a few, so that groups of every size come about. */
const systems = {
  'one by one': {},
  'in batches': { batch: { writesMax: 3, readsMax: 3 } },
  'in batches and jobs': { batch: { writesMax: 2, readsMax: 2 }, bulk: { writesMin: 3, writesMax: 5 } },
} satisfies Record<string, MemorySystemOptions>
type Takes = keyof typeof systems
const words = ['gate', 'pump', 'north', 'stuck', 'oiled', 'done']

class Life {
  readonly random: () => number
  readonly system: MemorySystem
  readonly disk = new MemoryDisk()
  faults = true
  node!: TestNode
  bridge!: Bridge
  readonly #mapping: MappingConfig
  #made = 0

  constructor(seed: number, takes: Takes) {
    this.random = seeded(seed)
    const deletes: DeleteRule = seed % 2 ? 'edit-wins' : 'delete-wins'
    // Where something is withheld, forks are made again of the history (B-159).
    const never = seed % 4 < 2 ? { never: { record: ['inside'] } } : {}
    this.#mapping = { ...jobMapping, deletes, ...never }
    this.system = new MemorySystem({
      compareAndSet: seed % 3 !== 0,
      replays: seed % 5 === 0,
      now: () => this.node.host.clock,
      ...systems[takes],
    })
  }

  async start(): Promise<void> {
    this.node = await openNode({ disk: this.disk, seed: 1 + Math.floor(this.random() * 1e9) })
    const adapter = unreliable(this.system.adapter(), this.random, () => this.faults)
    this.bridge = (
      await bridged(this.node, this.system, {
        adapter,
        mappings: [this.#mapping],
      })
    ).bridge
  }

  async step(): Promise<void> {
    this.node.host.clock += Math.floor(this.random() * 5_000)
    const what = this.random()
    if (what < 0.35)
      await Promise.all(Array.from({ length: 1 + Math.floor(this.random() * 4) }, () => this.#ours()))
    else if (what < 0.7) this.#theirs()
    else if (what < 0.8) void this.bridge.pollNow()
    else if (what < 0.9) await this.bridge.idle()
    else if (what < 0.95) await this.#restart()
    else await new Promise((resolve) => setImmediate(resolve))
  }

  async #restart(): Promise<void> {
    this.node.host.dead = true
    this.disk.crash()
    await this.start()
  }

  async #ours(): Promise<void> {
    const { jobs } = this.node.replica
    const all = await jobs.all()
    const one = all[Math.floor(this.random() * (all.length + 1))]
    if (!one) await jobs.create({ title: this.#word(), notes: this.#word() }, { id: `job-${++this.#made}` })
    else {
      const change =
        this.random() < 0.1
          ? jobs.delete(one.id)
          : jobs.update(
              one.id,
              (draft) =>
                void Object.assign(draft, this.#fields(draft.notes, ['title', 'site', 'notes', 'inside'])),
            )
      await change.catch((error: unknown) => {
        // The system may have deleted it since it was listed.
        if (!(error instanceof RecordNotFound)) throw error
      })
    }
  }

  #theirs(): void {
    const rows = this.system.rows('cases')
    const row = rows[Math.floor(this.random() * (rows.length + 1))]
    if (!row) this.system.edit('cases', {}, { Title: this.#word(), Notes: this.#word() })
    else if (this.random() < 0.1) this.system.edit('cases', { id: row.id, deleted: !row.deleted }, {})
    else if (!row.deleted)
      this.system.edit(
        'cases',
        { id: row.id },
        this.#fields(row.value.Notes, ['Title', 'Site', 'Notes', 'Other']),
      )
  }

  #fields(notes: Json | undefined, names: readonly string[]): Record<string, Json> {
    const name = names[Math.floor(this.random() * names.length)]!
    return { [name]: name.toLowerCase() === 'notes' ? `${notes ?? ''} ${this.#word()}` : this.#word() }
  }

  #word(): string {
    return words[Math.floor(this.random() * words.length)]!
  }
}

/** @returns calls that carried several writes */
async function live(seed: number, takes: Takes): Promise<number> {
  const life = new Life(seed, takes)
  await life.start()
  for (let i = 0; i < STEPS; i++) await life.step()
  life.faults = false
  for (let i = 0; i < 3; i++) {
    await life.bridge.idle()
    await life.bridge.pollNow()
  }
  await life.bridge.idle()
  expect(life.bridge.stats()).toMatchObject({ open: 0, hints: 0, dead: 0 })
  const records = (await life.node.replica.jobs.all()).map(({ id: _, inside: __, ...value }) =>
    JSON.stringify(sorted(value)),
  )
  const rows = life.system.rows('cases').filter(({ deleted }) => !deleted)
  const values = rows.map(({ value: { Title, Site, Notes } }) =>
    JSON.stringify(sorted({ title: Title, site: Site, notes: Notes })),
  )
  expect(records.sort()).toEqual(values.sort())
  await expectAuditTold(life.bridge, life.node.replica, life.system)
  const effects = life.system.effects('cases').length
  await life.bridge.pollNow()
  await life.bridge.idle()
  expect(life.system.effects('cases').length).toBe(effects)
  await life.bridge.close()
  return life.system.requests.filter(({ method }) => method === 'writeMany' || method === 'writeBulk').length
}

function sorted(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

test.each(Object.keys(systems) as Takes[])(
  'B-40 B-55 B-56 B-150 B-159 whatever happened, both sides end up equal and at rest: %s',
  { timeout: SEEDS_MS_MAX },
  async (takes) => {
    const only = Number(process.env.SEED ?? 0)
    let together = 0
    for (let seed = only || 1; seed <= (only || SEEDS); seed++)
      together += await live(seed, takes).catch((error: unknown) => {
        throw new Error(
          `${takes}, seed ${seed} (SEED=${seed} npx vitest run packages/bridge/src/random.test.ts): ${String(error)}`,
          { cause: error },
        )
      })
    if (!only) expect(together > SEEDS).toBe(takes !== 'one by one')
  },
)
