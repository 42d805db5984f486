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
console.log(Object.getOwnPropertyNames(b.constructor), b.constructor.length)
const fork = (t = tb) => { const d = t.fork('00' + '33'.repeat(16)); d.applyChanges([change]); return d }
const tid = A.getBackend(A.init({ actor })) as any
tid.registerDatatype('str', (s: any) => s, () => undefined); tid.registerDatatype('counter', (s: any) => s, () => undefined)
let raw: any
raw = b.constructor.new("00" + "77".repeat(16))
const D = { registered: fork(), identity: fork(tid), ...(raw ? { raw: fork(raw) } : {}) }
for (const [k, d] of Object.entries(D) as any) console.log(k, d.materialize('/'))
console.log('toJS', D.registered.toJS({}))
for (const r of [1, 2]) {
for (const [k, d] of Object.entries(D) as any) {
 t(k + ' materialize', 10000, () => d.materialize('/'))
 t(k + ' toJS', 10000, () => d.toJS())
}
t('getWithType all', 10000, () => { for (const k of ['title','customer','region','status','hours','notes']) D.registered.getWithType('_root', k) })
t('get all', 10000, () => { for (const k of ['title','customer','region','status','hours','notes']) D.registered.get('_root', k) })
}
