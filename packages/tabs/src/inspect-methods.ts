/** The inspection port as data. Only what asks for it, on either side, carries this. */
import { type Check, isCount, isObject, isText } from './checks.ts'
import type { Methods } from './methods.ts'

const KINDS = ['off', 'cut', 'slow', 'flap', 'lose-acks']

/** Its numbers are judged where they are used. */
const isNetwork: Check = (value) => isObject(value) && KINDS.includes(value.kind as string)

export const inspectMethods: Methods = {
  calls: {
    about: { args: [], again: 'repeat' },
    log: { args: [isCount, isCount], again: 'repeat' },
    entry: { args: [isCount], again: 'repeat' },
    record: { args: [isText, isText], again: 'repeat' },
    setNetwork: { args: [isNetwork], again: 'repeat' },
  },
  watches: {
    watchLog: [isCount],
    watchLines: [],
    watchNetwork: [],
  },
}
