/** `npm run bench:bridge`: what a bridge costs and holds, each figure beside the naive way in the same run. A whole run writes its part of RESULTS.md. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { commandLine } from '@skerry/command-line'
import { describeMachine, load } from '../machine.ts'
import { writeResults } from '../results-file.ts'
import { type BridgeFigure, bridgeTable, isReached } from './figure.ts'
import { readBridgeOptions, usage } from './options.ts'
import { parts } from './parts.ts'
import { bridgeResults } from './results.ts'

async function main(): Promise<boolean> {
  const { only, scale, results, profile } = commandLine(usage, (words) =>
    readBridgeOptions(words, Object.keys(parts)),
  )
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-bridge-'))
  const profiles = profile === undefined ? undefined : resolve(profile)
  if (profiles !== undefined) await mkdir(profiles, { recursive: true })
  const say = (line: string) => console.error(line)
  const loadBefore = load()
  const minutes = new Map<string, number>()
  const figures: BridgeFigure[] = []
  try {
    for (const name of only) {
      const startedMs = performance.now()
      const found = await parts[name]!({ folder, scale, say, profile: profiles })
      minutes.set(name, (performance.now() - startedMs) / 60_000)
      figures.push(...found)
      say(`${name} took ${minutes.get(name)!.toFixed(1)} min`)
      console.log(`${bridgeTable(found)}\n`)
    }
    const text = bridgeResults({ machine: describeMachine(), scale, loadBefore, minutes, figures })
    console.log(text.slice(0, text.indexOf('\n|')).trimEnd())
    if (results) await writeResults('bench:bridge', text)
    return figures.every((figure) => isReached(figure) !== false)
  } finally {
    await rm(folder, { recursive: true })
  }
}

try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
