/**
 * `npm run bench`: every number of design.md that can be measured on one machine, each beside its goal and beside the same bytes through plain ws and plain SQLite
 * in the same run. A whole run writes its part of RESULTS.md.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { commandLine } from '@skerry/command-line'
import { Bench } from './bench.ts'
import { type Figure, isMet } from './figure.ts'
import { describeMachine, load } from './machine.ts'
import { accepted } from './measurements/accepted.ts'
import { firstSync } from './measurements/first-sync.ts'
import { histories } from './measurements/histories.ts'
import { liveEdit } from './measurements/live-edit.ts'
import { memory } from './measurements/memory.ts'
import { reconcile } from './measurements/reconcile.ts'
import { reconnect } from './measurements/reconnect.ts'
import { relayed } from './measurements/relayed.ts'
import { telemetry } from './measurements/telemetry.ts'
import { readOptions, usageOf } from './options.ts'
import { costsOf } from './profiles.ts'
import { resultsText } from './results.ts'
import { writeResults } from './results-file.ts'
import { full, quick } from './scale.ts'
import { tableOf } from './table.ts'

const measurements: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  'live-edit': liveEdit,
  'first-sync': firstSync,
  reconnect,
  reconcile,
  accepted,
  relayed,
  telemetry,
  memory,
  histories,
}

async function main(): Promise<void> {
  const names = Object.keys(measurements)
  const options = commandLine(usageOf(names), (words) => readOptions(words, names))
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  const profiles = resolve(options.profile ?? join(folder, 'profiles'))
  await mkdir(profiles, { recursive: true })
  const say = (line: string) => console.error(line)
  const bench = new Bench({ folder, scale: options.quick ? quick : full, profiles, say })
  const machine = describeMachine()
  const loadBefore = load()
  const startedMs = performance.now()
  const minutesSince = (ms: number) => (performance.now() - ms) / 60_000
  const figures: Figure[] = []
  try {
    for (const name of options.only) {
      const beganMs = performance.now()
      const found = await measurements[name]!(bench)
      figures.push(...found)
      say(`${name} took ${minutesSince(beganMs).toFixed(1)} min`)
      if (!options.json) console.log(`${tableOf(found)}\n`)
    }
    const costs = await costsOfMissed(profiles, figures)
    if (options.json) console.log(JSON.stringify({ machine, quick: options.quick, figures }, undefined, 2))
    else console.log(`${machine}${options.quick ? ', quick' : ''}\n\n${[...costs.values()].join('\n\n')}`)
    if (options.results)
      await writeResults(
        'bench',
        resultsText({
          machine,
          quick: options.quick,
          loadBefore,
          minutes: minutesSince(startedMs),
          figures,
          costs,
        }),
      )
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function costsOfMissed(profiles: string, figures: readonly Figure[]): Promise<Map<string, string>> {
  const costs = new Map<string, string>()
  for (const figure of figures)
    if (figure.section !== undefined && isMet(figure) === false && !costs.has(figure.section))
      costs.set(figure.section, await costsOf(profiles, figure.section))
  return costs
}

try {
  await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
