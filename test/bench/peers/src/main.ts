/** `npm run bench:peers`: the same work through ours, through its peers and through the bare limit, in one run on one machine; told as ratios. A whole run writes its part of RESULTS.md. */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { commandLine } from '@skerry/command-line'
import { writeResults } from '../../src/results-file.ts'
import { contenders, needsPackages } from './contenders.ts'
import { installPeers, versionOf } from './install.ts'
import { busyness, describeMachine } from './machine.ts'
import { measure } from './measure.ts'
import { readOptions, usageOf } from './options.ts'
import type { Outcome } from './outcome.ts'
import { planOf, RUN_MS_MAX, type Step } from './plan.ts'
import { reportOf } from './report.ts'
import { tablesOf, troublesOf } from './tables.ts'

const peersFolder = join(import.meta.dirname, '..')

const say = (line: string) => console.error(line)

async function main(): Promise<void> {
  const names = contenders.map(({ name }) => name)
  const options = commandLine(usageOf(names), (words) => readOptions(words, names))
  const steps = planOf(contenders, options)
  if (steps.some(({ contender }) => needsPackages(contender))) await installPeers(peersFolder, say)
  const busyBefore = busyness()
  const outcomes = await measured(steps)
  console.log([...tablesOf(contenders, outcomes), ...troublesOf(contenders, outcomes)].join('\n\n'))
  if (options.only !== undefined || options.sizes !== undefined) return
  const versions = await versionsOf()
  const day = new Date().toISOString().slice(0, 10)
  await writeResults(
    'bench:peers',
    reportOf({ contenders, outcomes, versions, machine: describeMachine(), busyBefore, day }),
  )
  say('wrote its part of test/bench/RESULTS.md')
}

async function measured(steps: readonly Step[]): Promise<Outcome[]> {
  const endMs = performance.now() + RUN_MS_MAX
  const folder = await mkdtemp(join(tmpdir(), 'skerry-peers-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const outcomes: Outcome[] = []
  for (const { contender, records, effort } of steps) {
    const startedMs = performance.now()
    if (startedMs > endMs) {
      const late = `not measured: the run had taken ${RUN_MS_MAX / 60_000} minutes`
      outcomes.push({ contender: contender.name, records, troubles: [late] })
      continue
    }
    const place = { folder: join(folder, `${contender.name}-${records}`), records }
    outcomes.push(await measure(contender, place, effort))
    await rm(place.folder, { recursive: true, force: true })
    say(`${contender.name}, ${records} records: ${((performance.now() - startedMs) / 1e3).toFixed(0)} s`)
  }
  return outcomes
}

async function versionsOf(): Promise<Map<string, string>> {
  const names = new Set(contenders.flatMap(({ packages }) => packages))
  return new Map(
    await Promise.all([...names].map(async (name) => [name, await versionOf(peersFolder, name)] as const)),
  )
}

// Processes and folders are cleared at exit, which a signal alone would skip.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
try {
  await main()
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// A process that never became ready would keep this one waiting.
process.exit()
