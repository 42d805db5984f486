/**
 * Three systems in a ring, both directions everywhere, bridged by one replica or by three that are linked through a hub. People edit anywhere; after the last edit rounds are counted until nothing moves any more, and
 * everybody must have the same then. One seed, one ring. The bridge's own ring.test.ts holds more rules against each other; this counts.
 */
import { type Bridge, type MappingConfig, startBridge } from '@skerry/bridge'
import { type Credential, collection, memoryStore, openReplica, type Replica } from '@skerry/core'
import { hubRole } from '@skerry/core/hub'
import { type MemoryLink, SeededRandom } from '@skerry/core/testing'
import { enrol, join, openVerifier } from '@skerry/meeting'
import * as z from 'zod'
import type { BridgeFigure } from './figure.ts'
import { StandIn } from './stand-in.ts'
import { VirtualTime } from './virtual-time.ts'

const ROUNDS_GOAL = 3
/** Rounds after which a ring is an echo without end. */
const ROUNDS_MAX = 20
const EDITS = 40
const API_MS = 20
const systems = ['erp', 'crm', 'wms'] as const
const names = ['title', 'site', 'status'] as const
const words = ['gate', 'pump', 'north', 'stuck', 'oiled']

const text = z.string().optional()
const collections = { jobs: collection('jobs', z.object({ title: text, site: text, status: text })) }

/** Each field is decided in another way. */
const mapping: MappingConfig = {
  collection: 'jobs',
  type: 'jobs',
  fields: {
    title: { field: 'Title', rule: 'last-writer' },
    site: { field: 'Site', authority: systems },
    status: { field: 'Status', rule: 'this-side' },
  },
}

type RingReplica = Replica<typeof collections>

export interface Rung {
  /** Rounds in which anything moved after the last edit. */
  rounds: number
  /** Replicas and systems that have something else than the first replica has. */
  differing: number
}

class Ring {
  readonly #time: VirtualTime
  readonly #random: SeededRandom
  readonly #replicas: RingReplica[] = []
  readonly #links: MemoryLink[] = []
  readonly #systems: StandIn[] = []
  readonly #bridges: Bridge[] = []

  constructor(seed: number) {
    this.#time = new VirtualTime(seed)
    this.#random = new SeededRandom(seed)
  }

  async open(count: 1 | 3): Promise<void> {
    const hub = await this.#replica('hub', 'authority', [])
    const nodes: RingReplica[] = []
    for (let i = 0; i < count; i++) {
      const node = await this.#replica(`adapter:${i}`, 'device', count === 1 ? systems : [systems[i]!])
      this.#links.push(join(hub, node))
      nodes.push(node)
    }
    await this.#settle()
    for (const [i, name] of systems.entries()) {
      const onTheWay = () => this.#time.after(API_MS / 2)
      const system = new StandIn({ name, now: () => this.#time.nowMs, onTheWay, batch: 20, replays: false })
      const replica = nodes[i % count]!
      const host = this.#time.host()
      const options = {
        replica,
        host,
        name,
        adapter: system.adapter(),
        mappings: [mapping],
        pollIntervalMs: 0,
      }
      this.#systems.push(system)
      this.#bridges.push(await this.#time.while(startBridge(options)))
    }
  }

  async edit(): Promise<void> {
    await this.#time.until(this.#time.nowMs + this.#random.below(4_000))
    const drawn = this.#random.below(10)
    if (drawn < 4) this.#editThere()
    else if (drawn < 7) await this.#time.while(this.#editHere())
    else if (drawn < 9) void this.#random.pick(this.#bridges).pollNow()
    else await this.#settle()
  }

  /** Rounds until nothing moves. */
  async quiet(): Promise<number> {
    for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
      const before = this.#moved()
      await this.#round()
      if (this.#moved() === before) return rounds
    }
    return ROUNDS_MAX
  }

  async differing(): Promise<number> {
    const told: string[] = []
    for (const { jobs } of this.#replicas)
      told.push(spelled((await jobs.all()).map((one) => names.map((name) => one[name]))))
    for (const system of this.#systems)
      told.push(spelled(system.rows().map(({ value }) => names.map((name) => value[capital(name)]))))
    return told.filter((one) => one !== told[0]).length
  }

  async close(): Promise<void> {
    for (const bridge of this.#bridges) await this.#time.while(bridge.close())
    for (const link of this.#links) link.cut()
    for (const replica of this.#replicas) await replica.close()
  }

  async #replica(
    subject: string,
    role: Credential['role'],
    bridged: readonly string[],
  ): Promise<RingReplica> {
    const replica = await openReplica({
      // Links are delivered by hand, so that a round ends: no timer of a replica fires.
      host: { ...this.#time.host(), timer: () => () => undefined },
      store: memoryStore(),
      verifier: openVerifier,
      collections,
      role: role === 'authority' ? hubRole : 'edge',
    })
    await enrol(replica, { subject, role, systems: bridged })
    this.#replicas.push(replica)
    return replica
  }

  #editThere(): void {
    const system = this.#random.pick(this.#systems)
    const row = this.#random.chance(0.2) ? undefined : this.#anyOf(system.rows())
    const name = row ? this.#random.pick(names) : 'title'
    system.edit(row?.id, { [capital(name)]: this.#random.pick(words) })
  }

  async #editHere(): Promise<void> {
    const { jobs } = this.#random.pick(this.#replicas.slice(1))
    const job = this.#random.chance(0.2) ? undefined : this.#anyOf(await jobs.all())
    const name = this.#random.pick(names)
    const word = this.#random.pick(words)
    if (!job) await jobs.create({ title: word })
    else await jobs.update(job.id, (draft) => void Object.assign(draft, { [name]: word }))
  }

  #anyOf<T>(all: readonly T[]): T | undefined {
    return all.length > 0 ? this.#random.pick(all) : undefined
  }

  /** Every bridge asks its system once, and what follows goes everywhere. */
  async #round(): Promise<void> {
    for (const bridge of this.#bridges) {
      await this.#time.while(bridge.pollNow())
      await this.#time.while(bridge.idle())
      await this.#settle()
    }
    for (const bridge of this.#bridges) await this.#time.while(bridge.idle())
    await this.#settle()
  }

  /** Delivers until nothing moves on any link. */
  async #settle(): Promise<void> {
    for (let moved = 1; moved > 0; ) {
      await this.#time.until(this.#time.nowMs)
      moved = this.#links.reduce((sum, link) => sum + link.flush(), 0)
    }
  }

  /** Versions of rows in all systems, and entries in all logs. */
  #moved(): number {
    const versions = this.#systems.flatMap((system) => system.rows().map(({ version }) => Number(version)))
    return [...versions, ...this.#replicas.map(({ head }) => head)].reduce((sum, one) => sum + one, 0)
  }
}

async function live(seed: number, replicas: 1 | 3): Promise<Rung> {
  const ring = new Ring(seed)
  await ring.open(replicas)
  for (let edit = 0; edit < EDITS; edit++) await ring.edit()
  const rounds = await ring.quiet()
  const differing = await ring.differing()
  await ring.close()
  return { rounds, differing }
}

export async function rings(seeds: number, say: (line: string) => void): Promise<BridgeFigure[]> {
  const figures: BridgeFigure[] = []
  for (const replicas of [1, 3] as const) {
    const rungs: Rung[] = []
    for (let seed = 1; seed <= seeds; seed++) {
      const rung = await live(seed, replicas)
      if (rung.differing > 0 || rung.rounds > ROUNDS_GOAL)
        say(`ring: seed ${seed}, ${replicas} replicas: ${JSON.stringify(rung)}`)
      rungs.push(rung)
    }
    const byRounds = Map.groupBy(rungs, ({ rounds }) => rounds)
    const counts = [...byRounds]
      .sort(([a], [b]) => a - b)
      .map(([rounds, { length }]) => `${rounds}: ${length}`)
    const of = `${seeds} seeds of ${EDITS} steps`
    figures.push(
      {
        what: `three systems in a ring, ${replicas === 1 ? 'one replica' : 'three replicas'}: rounds until quiet, most`,
        value: Math.max(...rungs.map(({ rounds }) => rounds)),
        unit: 'rounds',
        goal: { atMost: ROUNDS_GOAL },
        note: `${of}; seeds by rounds ${counts.join(', ')}`,
      },
      {
        what: `three systems in a ring, ${replicas === 1 ? 'one replica' : 'three replicas'}: rings that differ then`,
        value: rungs.filter(({ differing }) => differing > 0).length,
        unit: 'rings',
        goal: { atMost: 0 },
        note: of,
      },
    )
  }
  return figures
}

function spelled(jobs: readonly (readonly unknown[])[]): string {
  return JSON.stringify(jobs.map((job) => job.map((value) => value ?? null).join('\n')).sort())
}

function capital(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1)
}
