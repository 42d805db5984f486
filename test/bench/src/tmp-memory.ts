import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Bench } from './bench.ts'
import { full } from './scale.ts'

const folder = mkdtempSync('/tmp/benchprobe/d')
const bench = new Bench({ folder, scale: full, profiles: undefined, say: console.log })
const limits = '/work/main/packages/core/src/session/limits.ts'
try {
  await bench.withHub({ records: Number(process.argv[2] ?? 30000) }, async (hub) => {
    for (const round of [1, 2, 3])
      for (const kib of process.argv.slice(3)) {
        process.env.TMPDELIVERY = kib
        await bench.withEdge(hub, async (edge) => {
          const c = await edge.call.cpuMs()
          const { ms } = await edge.call.sync(hub.url)
          const cpu = (await edge.call.cpuMs()) - c
          const { residentBytes, peakBytes } = await edge.call.memory()
          console.log(
            kib,
            'KiB',
            Math.round(ms),
            'ms',
            Math.round(cpu),
            'cpu',
            Math.round(residentBytes / 1e6),
            Math.round(peakBytes / 1e6),
          )
        })
      }
  })
} finally {
  rmSync(folder, { recursive: true })
}
