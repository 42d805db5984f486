/** The faults in force, in the order given; decides which strikes a call, and counts. */
import { faultsMax } from '../limits.ts'
import { Problem } from '../problem.ts'
import type { AnyFault, FaultMatch, FaultName, FaultOf } from './fault.ts'

/** What a fault can be aimed at: one call or one event, with every row it names. */
export type Target = {
  method: string
  path: string
  /** The call asks for rows to be changed. */
  writes?: boolean
  subjects: Array<{ type: string | null; externalId: string | null }>
}

type Planned = { id: number; fault: AnyFault; struck: number; random: () => number }

/** A fault as the admin side shows it; `remaining` is null when it has no end. */
export type PlannedFault = AnyFault & { id: number; struck: number; remaining: number | null }

export class FaultPlan {
  #planned: Planned[] = []
  #lastId = 0

  get isEmpty(): boolean {
    return this.#planned.length === 0
  }

  add(faults: readonly AnyFault[]): PlannedFault[] {
    if (this.#planned.length + faults.length > faultsMax) {
      throw new Problem(
        'invalid-request',
        `the plan holds ${faultsMax} faults at most; delete the plan first`,
      )
    }
    const added = faults.map((fault) => ({
      id: ++this.#lastId,
      fault,
      struck: 0,
      random: mulberry32(fault.seed),
    }))
    this.#planned.push(...added)
    return added.map(shown)
  }

  list(): PlannedFault[] {
    return this.#planned.map(shown)
  }

  clear(): void {
    this.#planned = []
  }

  /** The first fault of these names that strikes. */
  take<Name extends FaultName>(names: readonly Name[], target: Target): FaultOf<Name> | undefined {
    const isNamed = (fault: AnyFault): fault is FaultOf<Name> =>
      (names as readonly FaultName[]).includes(fault.fault)
    for (const planned of this.#planned) {
      if (!isNamed(planned.fault) || !strikes(planned, target)) continue
      planned.struck++
      return planned.fault
    }
    return undefined
  }
}

function strikes({ fault, struck, random }: Planned, target: Target): boolean {
  if (fault.count !== undefined && struck >= fault.count) return false
  if (!matches(fault.match, target)) return false
  return fault.probability === undefined || random() < fault.probability
}

function matches(match: FaultMatch, { method, path, writes, subjects }: Target): boolean {
  if (match.method !== undefined && !match.method.split('|').includes(method)) return false
  if (match.writes !== undefined && match.writes !== writes) return false
  if (match.path !== undefined && !matchesPath(match.path, path)) return false
  if (match.type === undefined && match.externalId === undefined) return true
  return subjects.some(
    ({ type, externalId }) =>
      (match.type === undefined || match.type === type) &&
      (match.externalId === undefined || match.externalId === externalId),
  )
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern.startsWith('^') ? new RegExp(pattern).test(path) : path.startsWith(pattern)
}

function shown({ id, fault, struck }: Planned): PlannedFault {
  return { id, ...fault, struck, remaining: fault.count === undefined ? null : fault.count - struck }
}

/** Tommy Ettinger's 32-bit generator: a seed replays the same faults. Numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
