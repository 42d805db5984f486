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
console.log(b.materialize('/'), change.length)
t('init+free', 3000, () => A.free(A.init({ actor })))
const tb = A.getBackend(A.init({ actor })) as any
t('fork+free', 3000, () => tb.fork('00' + '22'.repeat(16)).free())
t('init+apply+free', 3000, () => { const d = A.init({ actor: '00' + '33'.repeat(16) }); (A.getBackend(d) as any).applyChanges([change]); A.free(d) })
t('fork+apply+free', 3000, () => { const d = tb.fork('00' + '33'.repeat(16)); d.applyChanges([change]); d.free() })
t('fork+loadIncremental+free', 3000, () => { const d = tb.fork('00' + '33'.repeat(16)); d.loadIncremental(change); d.free() })
t('materialize', 3000, () => b.materialize('/'))
t('getHeads', 3000, () => b.getHeads())
t('getChangeByHash', 3000, () => b.getChangeByHash(hash))
t('getChangeMetaByHash', 3000, () => b.getChangeMetaByHash(hash))
t('keys+getWithType', 3000, () => { const o: any = {}; for (const k of b.keys('_root')) o[k] = b.getWithType('_root', k)[1] })
t('fork backend materialize', 3000, (() => { const d = tb.fork('00' + '33'.repeat(16)); d.applyChanges([change]); console.log(d.materialize('/')); return () => d.materialize('/') })())
t('save', 3000, () => b.save())
console.log(Object.getOwnPropertyNames(Object.getPrototypeOf(b)).join(' '))
// apply of a further change on an existing document
const base = tb.fork('00' + '44'.repeat(16)); base.applyChanges([change])
const seq: any[] = []
const w = tb.fork('00' + '55'.repeat(16)); w.applyChanges([change])
for (let i = 0; i < 3600; i++) { w.put('_root', 'notes', `note ${i}`, 'str'); w.commit(undefined, 1); seq.push(w.getLastLocalChange()) }
let i = 0
t('applyChanges of 1 further change', 3000, () => base.applyChanges([seq[i++]]))
const base2 = tb.fork('00' + '44'.repeat(16)); base2.applyChanges([change]); i = 0
t('loadIncremental of 1 further change', 3000, () => base2.loadIncremental(seq[i++]))
t('materialize, 3000 changes', 300, () => base.materialize('/'))
t('getChangeByHash, 3000 changes', 300, () => base.getChangeByHash(hash))
const d = A.init({ actor: '00' + '66'.repeat(16) }); const db = A.getBackend(d) as any; db.applyChanges([change]); i = 0
t('init doc: applyChanges of 1', 100, () => db.applyChanges([seq[i++]]))
