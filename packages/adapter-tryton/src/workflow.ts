/** The buttons that lead a row from one state to another: the shortest way of those configured (SPEC TR-45). */
import type { WorkflowConfig } from './config.ts'

export interface Step {
  button: string
  to: string
}

/** Undefined when no way leads there; empty when the row is there already. */
export function wayTo({ buttons }: WorkflowConfig, from: string, to: string): Step[] | undefined {
  const ways = new Map<string, Step[]>([[from, []]])
  for (const [state, way] of ways) {
    if (state === to) return way
    for (const [button, one] of Object.entries(buttons))
      if (one.from.includes(state) && !ways.has(one.to)) ways.set(one.to, [...way, { button, to: one.to }])
  }
  return undefined
}
