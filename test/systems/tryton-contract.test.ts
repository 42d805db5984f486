/** The adapter contract, on the real Tryton. */
import { adapterContract } from '@skerry/bridge/testing'
import { lackOf } from '@skerry/systems'
import { afterAll, test } from 'vitest'
import { opportunities, parties } from './tryton-kinds.ts'
import { lazyStand } from './tryton-stand.ts'
import { openSubject } from './tryton-subject.ts'

const lack = lackOf('tryton')
const stand = lazyStand()
afterAll(() => stand.close())

if (lack !== undefined) test.skipIf(true)(`the adapter contract on Tryton: ${lack}`, () => undefined)
else {
  adapterContract('tryton, opportunities', async () => openSubject(await stand.get(), opportunities))
  adapterContract('tryton, parties', async () => openSubject(await stand.get(), parties))
}
