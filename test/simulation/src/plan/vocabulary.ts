/** What can happen in a run, by family. A seed draws how often each family of faults strikes; some seeds know none. */

export const families = {
  edits: ['create', 'edit', 'move', 'delete', 'reapply', 'order', 'office', 'reading', 'pass', 'upkeep'],
  network: ['cut', 'partition', 'clog', 'flap'],
  process: ['crash', 'crashMidway', 'restart'],
  disk: ['slowDisk', 'fullDisk', 'failingDisk', 'flippingDisk', 'rot'],
  time: ['skew', 'night', 'to1970'],
  copies: ['backup', 'restore', 'clone', 'twin', 'leave', 'setBack', 'comeBack'],
  rights: ['regrant', 'expire', 'revoke', 'narrow', 'widen'],
  hostile: ['replay'],
  presence: ['appear', 'vanish'],
} as const

export type Family = keyof typeof families
export type StepKind = (typeof families)[Family][number]

/** How often a kind is drawn among those of its family. */
export const weights: Partial<Record<StepKind, number>> = {
  create: 5,
  edit: 8,
  move: 3,
  order: 5,
  office: 3,
  reading: 3,
  pass: 3,
  upkeep: 4,
  crash: 2,
  crashMidway: 3,
  backup: 3,
  restore: 2,
  regrant: 3,
}

/** Drawn beside the rest (episodes.ts), and never as one step among others. */
export const episodic: ReadonlySet<StepKind> = new Set([
  'rot',
  'leave',
  'setBack',
  'comeBack',
  'narrow',
  'widen',
])

/** Families that may be at rest: all but the edits. */
export const calmable = (Object.keys(families) as Family[]).filter((family) => family !== 'edits')
export const faultFamilies = calmable.filter((family) => family !== 'presence')

export function familyOf(kind: StepKind): Family {
  return (Object.keys(families) as Family[]).find((family) =>
    (families[family] as readonly string[]).includes(kind),
  )!
}
