import { startEngine } from '../src/index.ts'
import * as A from '@automerge/automerge/slim'
await startEngine()
const actor = '00' + '11'.repeat(16)
const t = (name: string, n: number, f: (i: number) => unknown) => { for (let i = 0; i < 300; i++) f(i); const c = process.cpuUsage(); const s = performance.now(); for (let i = 0; i < n; i++) f(i); const u = process.cpuUsage(c); console.log(name.padEnd(40), ((performance.now() - s) / n * 1000).toFixed(1), 'us wall', ((u.user + u.system) / n).toFixed(1), 'us cpu') }
const doc = A.init({ actor })
const b = A.getBackend(doc) as any
for (const [k, v] of Object.entries({ title: 'Visit 12: heat pump', customer: 'customer 12', region: 'north', status: 'open', hours: 3, notes: 'Pump checked, seal replaced, pressure at 1.8 bar' })) b.put('_root', k, v, typeof v === 'number' ? 'int' : 'str')
b.commit(undefined, 1)
const change = b.getLastLocalChange()
const hash = b.getHeads()[0]

const tb = A.getBackend(A.init({ actor })) as any
const seq: any[] = []
const w = tb.fork('00' + '55'.repeat(16)); w.applyChanges([change])
for (let i = 0; i < 2000; i++) { w.put('_root', 'notes', `note ${i}`, 'str'); w.commit(undefined, 1); seq.push(w.getLastLocalChange()) }
const K = 20
function run(name: string, make: () => any, each: (d: any, c: any) => void) {
  t(name + ` (${K} changes)`, 200, () => { const d = make(); d.applyChanges([change]); for (let i = 0; i < K; i++) each(d, seq[i]); d.free() })
}
const fork = () => tb.fork('00' + '33'.repeat(16))
const init = () => A.getBackend(A.init({ actor: '00' + '33'.repeat(16) })) as any
for (const r of [1, 2]) {
run('init apply', init, (d, c) => d.applyChanges([c]))
run('fork apply', fork, (d, c) => d.applyChanges([c]))
run('init reset apply', () => { const d = init(); d.resetDiffCursor(); return d }, (d, c) => d.applyChanges([c]))
run('init apply+materialize', init, (d, c) => { d.applyChanges([c]); d.materialize('/') })
run('fork apply+materialize', fork, (d, c) => { d.applyChanges([c]); d.materialize('/') })
run('fork apply+materialize+reset', fork, (d, c) => { d.applyChanges([c]); d.materialize('/'); d.resetDiffCursor() })
run('fork apply+materialize+updatecursor', fork, (d, c) => { d.applyChanges([c]); d.materialize('/'); d.updateDiffCursor() })
run('fork load', fork, (d, c) => { d.loadIncremental(c) })
run('fork applyAndReturnPatches', fork, (d, c) => { d.applyChanges([c]); d.diffIncremental() })
}
const d1 = fork(); d1.applyChanges([change])
t('fork: apply 500 at once', 20, () => { const d = fork(); d.applyChanges([change, ...seq.slice(0, 500)]); d.free() })
t('fork: apply 500 singly', 5, () => { const d = fork(); d.applyChanges([change]); for (let i = 0; i < 500; i++) d.applyChanges([seq[i]]); d.free() })
