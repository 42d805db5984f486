/**
 * What `skerry bridge plan` does: a first run, or the next one, without a write anywhere. It is the run itself, with all its rules, on a copy of the replica and against a system in which nothing is
 * written, and then it tells what came of it (SPEC B-180 to B-184).
 */
import type { ReplicaBase } from '@skerry/core'
import type { Failure } from '../adapter-port.ts'
import { type Bridge, startBridge } from '../bridge.ts'
import { BridgeError } from '../bridge-error.ts'
import { tierOf } from '../bridge-life.ts'
import type { BridgeOptions } from '../bridge-options.ts'
import { Budget } from '../budget/budget.ts'
import { checkBridgeConfig } from '../config.ts'
import type { BridgeEvent } from '../context.ts'
import { metered } from '../delivery/metered.ts'
import { Gate } from '../gate.ts'
import { CONCURRENCY_DEFAULT, PLAN_FAILURES_MAX, PLAN_LINES_DEFAULT, PLAN_LOOK_MS } from '../limits.ts'
import { makeMappings } from '../mapping.ts'
import { keyOf } from '../privacy/hash-key.ts'
import { hasherOf } from '../privacy/hmac.ts'
import type { PausedMapping } from '../schema/guard.ts'
import type { BridgePlan } from './bridge-plan.ts'
import { counted, noUnits } from './counted.ts'
import { ImaginedSystem } from './imagined-system.ts'
import { PlanBook } from './plan-book.ts'
import { ShadowRows } from './shadow-rows.ts'

export interface PlanOptions extends Omit<BridgeOptions, 'events' | 'pollIntervalMs' | 'alarmAfterMs'> {
  /** On a copy of the store: what the run would do here is done in it. Throw it away afterwards. */
  replica: ReplicaBase
  /** Lines of each mapping; default PLAN_LINES_DEFAULT. */
  linesMax?: number | undefined
  /** What the run would report. */
  events?: ((event: BridgeEvent) => void) | undefined
  /** Gives up. */
  signal?: AbortSignal | undefined
}

/** @throws BridgeError bridge-config; cannot-plan where the system cannot be read; StoreError */
export async function planBridge(options: PlanOptions): Promise<BridgePlan> {
  const { linesMax = PLAN_LINES_DEFAULT, events = () => undefined, signal, ...run } = options
  const { replica, adapter, host, name = adapter.name } = run
  const { concurrency = CONCURRENCY_DEFAULT, budget: limits = {} } = run
  checkBridgeConfig({ name, adapter, mappings: run.mappings })
  const hash = run.hashKey === undefined ? undefined : hasherOf(host, name, keyOf(run.hashKey))
  const mappings = makeMappings(run.mappings, replica.collections, name, hash)
  const budget = limits instanceof Budget ? limits : new Budget(limits, host)
  const hasCritical = mappings.some((mapping) => mapping.hasCritical)
  budget.join({ credentials: adapter.capabilities.credentials, hasCritical })
  const gate = new Gate({ host, system: name, report: events, concurrency, budget, hasCritical })
  const [spent, units] = [{ ...noUnits }, { ...noUnits }]
  const trouble = new Trouble(name)
  const real = counted(adapter, spent, (failure) => trouble.heard(failure))
  const rows = new ShadowRows(replica, name)
  const book = new PlanBook({ replica, system: name, mappings, rows, linesMax })
  const imagined = new ImaginedSystem({
    system: metered(real, gate, (type) => tierOf({ mappings }, type)),
    units,
    rowOf: (type, id) => rows.rowOf(type, id),
    inDoubt: await rows.inDoubt(),
    wrote: (write) => book.wrote(write),
  })
  const types = [...new Set(mappings.map(({ type }) => type))]
  for (const type of types) if (!(await rows.wasRead(type))) imagined.known.begins(type)
  await book.open()
  const bridge = await startBridge({
    ...run,
    name,
    adapter: imagined.adapter(adapter),
    // What writes cost is counted, and waits for nothing.
    budget: {},
    pollIntervalMs: 0,
    alarmAfterMs: 0,
    events,
  })
  try {
    const watch = { bridge, isRead: () => types.every((type) => imagined.known.isPolled(type)) }
    await Promise.race([quiet(watch, host), trouble.tooMuch, given(signal)])
    const told = await book.close(bridge, imagined.known)
    for (const pool of Object.keys(units) as (keyof typeof units)[]) units[pool] += spent[pool]
    const needs = (pool: keyof typeof units | undefined) =>
      pool ? units[pool] : Object.values(units).reduce((sum, one) => sum + one, 0)
    const all = budget.state().limits.map((limit) => ({ ...limit, needs: needs(limit.pool) }))
    return { system: name, mappings: told, cost: { units, spent, limits: all } }
  } finally {
    await bridge.close()
  }
}

/** Everything was read, walked, decided and, as it seemed, written. */
async function quiet(
  { bridge, isRead }: { bridge: Bridge; isRead: () => boolean },
  host: BridgeOptions['host'],
): Promise<void> {
  const pause = () => new Promise<void>((resolve) => void host.timer(PLAN_LOOK_MS, resolve))
  for (;;) {
    await bridge.idle()
    const [paused] = bridge.pausedMappings()
    if (paused) throw misfit(paused)
    if (isRead()) break
    await pause()
  }
  for (;;) {
    await bridge.idle()
    // What a mapping's mode keeps waiting belongs to the run.
    const released = await bridge.pushNow()
    const { walks, open } = bridge.stats()
    if (walks === 0 && open === 0 && released === 0) return
    if (walks > 0) await pause()
  }
}

/** What it does not name would be told by halves. */
function misfit({ collection, type, reasons }: PausedMapping): BridgeError {
  const why = reasons.map(({ message }) => message).join('; ')
  return new BridgeError(
    'cannot-plan',
    `mapping ${collection} ↔ ${type} does not fit the system's schema: ${why}`,
  )
}

function given(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new BridgeError('cannot-plan', 'the dry run was ended before it knew all'))
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { once: true })
  })
}

/** A system that answers nothing any more would be waited for without end. */
class Trouble {
  readonly tooMuch: Promise<never>
  readonly #system: string
  #failures = 0
  #giveUp: (error: BridgeError) => void = () => undefined

  constructor(system: string) {
    this.#system = system
    this.tooMuch = new Promise((_, reject) => {
      this.#giveUp = reject
    })
    // Nobody may be waiting for it any more.
    this.tooMuch.catch(() => undefined)
  }

  heard(failure: Failure | undefined): void {
    this.#failures = failure ? this.#failures + 1 : 0
    if (!failure || (this.#failures < PLAN_FAILURES_MAX && failure.kind !== 'unauthorized')) return
    const why = `${this.#system} did not answer (${failure.kind}): ${failure.reason}`
    this.#giveUp(new BridgeError('cannot-plan', `nothing can be planned: ${why}`))
  }
}
