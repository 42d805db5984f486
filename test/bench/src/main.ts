/**
 * `npm run bench`: every number of design.md that can be measured on one machine, each beside its goal and beside the same bytes through plain ws and plain SQLite
 * in the same run.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { Bench } from './bench.ts'
import type { Figure } from './figure.ts'
import { costsOf } from './inclusive-time.ts'
import { accepted } from './measurements/accepted.ts'
import { firstSync } from './measurements/first-sync.ts'
import { histories } from './measurements/histories.ts'
import { liveEdit } from './measurements/live-edit.ts'
import { memory } from './measurements/memory.ts'
import { reconnect } from './measurements/reconnect.ts'
import { relayed } from './measurements/relayed.ts'
import { telemetry } from './measurements/telemetry.ts'
import { readOptions, usage } from './options.ts'
import { full, quick } from './scale.ts'
import { tableOf } from './table.ts'

const measurements: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  'live-edit': liveEdit,
  'first-sync': firstSync,
  reconnect,
  accepted,
  relayed,
  telemetry,
  memory,
  histories,
}

async function main(): Promise<void> {
  const names = Object.keys(measurements)
  const options = readOptions(process.argv.slice(2), names)
  const profiles = options.profile === undefined ? undefined : resolve(options.profile)
  if (profiles !== undefined) await mkdir(profiles, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), 'skerry-bench-'))
  const say = (line: string) => console.error(line)
  const bench = new Bench({ folder, scale: options.quick ? quick : full, profiles, say })
  const machine = `Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`
  const figures: Figure[] = []
  try {
    for (const name of options.only) {
      const startedMs = performance.now()
      const found = await measurements[name]!(bench)
      figures.push(...found)
      say(`${name} took ${((performance.now() - startedMs) / 1e3).toFixed(0)} s`)
      if (!options.json) console.log(`${tableOf(found)}\n`)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  if (options.json) console.log(JSON.stringify({ machine, quick: options.quick, figures }, undefined, 2))
  else console.log(`${machine}${options.quick ? ', quick' : ''}\n\n${tableOf(figures)}`)
  if (profiles !== undefined) console.log(await costsOf(profiles))
}

try {
  await main()
} catch (error) {
  console.error(error instanceof TypeError ? `${error.message}\n\n${usage}` : error)
  process.exitCode = 1
}
