/** A rule of the contract as data: its id, its title, what it needs of a system, and how it is tried. So the suite can be listed, run, and proved against broken adapters. */
import type { Capabilities } from '../adapter-port.ts'
import type { ContractFaults, ContractSystem, Lack } from './subject.ts'
import type { Trial } from './trial.ts'

/** Why a case does not apply to a system; undefined when it does. One that must be tried is tried on the system. */
export type Need = (system: ContractSystem) => string | undefined | Promise<string | undefined>

export interface ContractCase {
  id: string
  title: string
  needs: readonly Need[]
  run(trial: Trial): Promise<void>
}

export function contractCase(
  id: string,
  title: string,
  needs: readonly Need[],
  run: (trial: Trial) => Promise<void>,
): ContractCase {
  return { id, title, needs, run }
}

/** The first reason not to apply. */
export async function reasonAgainst(
  { needs }: ContractCase,
  system: ContractSystem,
): Promise<string | undefined> {
  for (const need of needs) {
    const reason = await need(system)
    if (reason !== undefined) return reason
  }
  return undefined
}

export function fault(name: keyof ContractFaults): Need {
  return ({ faults }) => {
    const provoke = faults[name]
    if (provoke === undefined) return `the subject does not say how to provoke '${name}'`
    return typeof provoke === 'function' ? undefined : provoke.never
  }
}

export function has(what: Lack): Need {
  return ({ adapter, lacks = {} }) =>
    isThere[what](adapter.capabilities, adapter) && !(what === 'restore' && lacks.restore !== undefined)
      ? undefined
      : (lacks[what] ?? `the adapter is without '${what}', and its subject does not say why`)
}

const isThere: Record<Lack, (capabilities: Capabilities, adapter: ContractSystem['adapter']) => boolean> = {
  compareAndSet: ({ compareAndSet }) => compareAndSet,
  describe: (_, { describe }) => describe !== undefined,
  list: (_, { list }) => list !== undefined,
  batch: ({ batch }) => batch !== undefined,
  bulk: ({ bulk }) => bulk !== undefined,
  listen: (_, { listen }) => listen !== undefined,
  deletions: ({ deletions = 'told' }) => deletions === 'told',
  restore: () => true,
}

/** Either: a repeat that comes late cannot take back what somebody did meanwhile. */
export const comparesOrReplays: Need = (system) =>
  system.adapter.capabilities.replayMs > 0 ? undefined : has('compareAndSet')(system)

/** What a row does not have is gone then, and not empty. */
export const showsEmpty: Need = ({ adapter }) =>
  adapter.capabilities.emptyFields === 'shown'
    ? undefined
    : "the adapter does not say that rows show empty fields ('emptyFields')"

export const namesPositions: Need = ({ adapter }) =>
  adapter.latest ? undefined : "the adapter names no position for 'from now on' ('latest')"

/** Batches of writes, not only of reads. */
export const writesMany: Need = ({ adapter }) =>
  adapter.capabilities.batch?.writesMax === 1 ? 'its batches are of reads alone (writesMax 1)' : undefined

/** Nobody can count requests there but the system. */
export const countsRequests: Need = ({ requests }) =>
  requests ? undefined : 'the subject cannot tell how many requests the system had'
