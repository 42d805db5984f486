import type { StepKind } from './vocabulary.ts'

export interface Step {
  /** Its place in the whole plan: how a shorter plan names it. */
  index: number
  kind: StepKind
  /** Where it happens; a step whose node is not there does nothing. */
  node: string
  /** Milliseconds since the beginning, nights not counted. */
  atMs: number
  salt: number
}

/** A step of a plan that has no place in it yet. */
export type Unnumbered = Omit<Step, 'index'>
