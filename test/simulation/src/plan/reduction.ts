/** A part of a plan: some steps, without some nodes, with some families of faults at rest. What a failing seed is shrunk to, and how the shrunk run is called again. */

import type { Plan } from './plan.ts'
import { HUB } from './topology.ts'
import { calmable, type Family, familyOf } from './vocabulary.ts'

export interface Reduction {
  /** Indexes of the steps that stay; undefined: all. */
  steps?: readonly number[] | undefined
  without: readonly string[]
  calm: readonly Family[]
}

export const whole: Reduction = { without: [], calm: [] }

export function reduced(plan: Plan, { steps, without, calm }: Reduction): Plan {
  const stays = (name: string) => !without.includes(name)
  const uplinksOf = (uplinks: readonly string[]) => {
    const left = uplinks.filter(stays)
    return uplinks.length > 0 && left.length === 0 ? [HUB] : left
  }
  return {
    ...plan,
    nodes: plan.nodes
      .filter(({ name }) => stays(name))
      .map((node) => ({ ...node, uplinks: uplinksOf(node.uplinks) })),
    striking: new Set([...plan.striking].filter((family) => !calm.includes(family))),
    steps: plan.steps.filter(
      ({ index, kind }) => (steps?.includes(index) ?? true) && !calm.includes(familyOf(kind)),
    ),
  }
}

/** @throws RangeError for a family that there is not */
export function familiesOf(names: readonly string[]): Family[] {
  return names.map((name) => {
    const family = calmable.find((one) => one === name)
    if (!family)
      throw new RangeError(`there is no family of faults '${name}'; there are ${calmable.join(', ')}`)
    return family
  })
}

/** The command that runs it again. */
export function commandOf(seed: number, { steps, without, calm }: Reduction): string {
  const parts = [`npm run simulate -- --seed ${seed}`]
  if (without.length > 0) parts.push(`--without ${without.join(',')}`)
  if (calm.length > 0) parts.push(`--calm ${calm.join(',')}`)
  if (steps) parts.push(`--steps ${steps.join(',') || 'none'}`)
  return parts.join(' ')
}
