import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { Bench } from './bench.ts'
import { costsOf } from './inclusive-time.ts'
import { accepted } from './measurements/accepted.ts'
import { firstSync } from './measurements/first-sync.ts'
import { liveEdit } from './measurements/live-edit.ts'
import { full } from './scale.ts'
import { tableOf } from './table.ts'

const [out, which, size = '10000', runs = '2'] = process.argv.slice(2)
const folder = mkdtempSync('/tmp/benchprobe/d')
if (out !== '-') {
  rmSync(out!, { recursive: true, force: true })
  mkdirSync(out!, { recursive: true })
}
const bench = new Bench({
  folder,
  scale: { ...full, sizes: [Number(size)], runs: Number(runs), longRuns: Number(runs), liveEdits: 400 },
  profiles: out === '-' ? undefined : out,
  say: console.log,
})
const all = { firstSync, accepted, liveEdit }
try {
  console.log(tableOf(await all[which as keyof typeof all](bench)))
  if (out !== '-') console.log(await costsOf(out!))
} finally {
  rmSync(folder, { recursive: true })
}
