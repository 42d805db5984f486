/** `npm run bench:browser`: what an app in a browser waits for, in Chromium, through Skerry and its peers in one run. A whole run writes its part of RESULTS.md. */
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLine } from '@skerry/command-line'
import { installPeers, versionOf } from '../../peers/src/install.ts'
import { describeMachine, load } from '../machine.ts'
import { writeResults } from '../results-file.ts'
import { contenders } from './contenders.ts'
import { effortAt } from './effort.ts'
import { goalsOf } from './goals.ts'
import { measure } from './measure.ts'
import { readBrowserOptions, usage } from './options.ts'
import type { BrowserOutcome } from './outcome.ts'
import { builtPages } from './pages.ts'
import { profiled } from './profiled.ts'
import { browserResults } from './results.ts'

const peersFolder = join(import.meta.dirname, '../../peers')
const say = (line: string) => console.error(line)

async function main(): Promise<boolean> {
  const names = contenders.map(({ name }) => name)
  const { only, scale, profile, isWhole } = commandLine(usage, (words) => readBrowserOptions(words, names))
  const chosen = contenders.filter(({ name }) => only.includes(name))
  const packages = chosen.flatMap((contender) => contender.packages)
  if (packages.length > 0) await installPeers(peersFolder, say)
  const loadBefore = load()
  const startedMs = performance.now()
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-browser-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const effort = effortAt(scale)
  const outcomes: BrowserOutcome[] = []
  try {
    await using pages = await builtPages(chosen)
    for (const contender of chosen) {
      const place = join(folder, contender.name)
      await mkdir(place)
      const options = { contender, folder: place, pages: pages.folder, effort, say }
      outcomes.push(await measure(options))
    }
    if (profile !== undefined) {
      const place = join(folder, 'profiled')
      await mkdir(place)
      await profiled({ contender: contenders[0]!, folder: place, effort }, profile, say)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  const versions = await Promise.all(
    packages.map(async (name) => `${name} ${await versionOf(peersFolder, name)}`),
  )
  const minutes = (performance.now() - startedMs) / 60_000
  const goals = goalsOf(chosen, outcomes)
  const run = { machine: describeMachine(), scale, loadBefore, minutes, versions, outcomes, goals }
  const text = browserResults(chosen, run)
  console.log(text)
  if (isWhole) await writeResults('bench:browser', text)
  return goals.every(({ isMet }) => isMet)
}

// Processes, browsers and folders are cleared at exit, which a signal alone would skip.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(2))
try {
  process.exitCode = (await main()) ? 0 : 1
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
process.exit()
