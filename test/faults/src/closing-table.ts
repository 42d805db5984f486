/** What the rounds came to, for people: one line for each target, what was found, and how to see it again. */
import type { Outcome } from './rounds.ts'

export function closingTable(
  outcomes: readonly Outcome[],
  { rounds, seed }: { rounds: number; seed: number },
): string {
  const head = [
    'target',
    'rounds',
    'acknowledged where made',
    'acknowledged beyond',
    'lost',
    'duplicated',
    'seconds',
    'replay',
  ]
  const rows = outcomes.map((outcome) => [
    outcome.target,
    String(outcome.rounds),
    String(outcome.acknowledgedHere),
    String(outcome.acknowledgedThere),
    String(outcome.lost.length),
    String(outcome.duplicated.length),
    (outcome.ms / 1000).toFixed(0),
    `npm run kill -- --target ${outcome.target} --rounds ${rounds} --seed ${seed}`,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return [...lines, ...outcomes.flatMap(described)].join('\n')
}

/** The first few of what was found; the rest is like them. */
const DESCRIBED_MAX = 5

function described({ target, lost, duplicated }: Outcome): string[] {
  const line = (what: string) => (edit: string) => `${target}: ${what}: ${edit}`
  return [
    ...lost.slice(0, DESCRIBED_MAX).map(line('lost')),
    ...duplicated.slice(0, DESCRIBED_MAX).map(line('duplicated')),
  ]
}
