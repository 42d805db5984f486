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
const h = A.getBackend(A.init({ actor: '00' + '33'.repeat(16) })) as any
console.log(Object.keys(h))
const { next } = A as any
for (const r of [1, 2, 3]) {
t('init+apply+free', 5000, () => { const d = A.init({ actor: '00' + '33'.repeat(16) }); (A.getBackend(d) as any).applyChanges([change]); A.free(d) })
t('init+resetcursor+apply+free', 5000, () => { const d = A.init({ actor: '00' + '33'.repeat(16) }); const b = A.getBackend(d) as any; b.resetDiffCursor(); b.applyChanges([change]); A.free(d) })
t('fork+apply+free', 5000, () => { const d = tb.fork('00' + '33'.repeat(16)); d.applyChanges([change]); d.free() })
t('fork+apply+materialize+free', 5000, () => { const d = tb.fork('00' + '33'.repeat(16)); d.applyChanges([change]); d.materialize('/'); d.free() })
t('init+apply+materialize+free', 5000, () => { const d = A.init({ actor: '00' + '33'.repeat(16) }); (A.getBackend(d) as any).applyChanges([change]); (A.getBackend(d) as any).materialize('/'); A.free(d) })
}
