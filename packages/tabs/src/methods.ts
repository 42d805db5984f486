/** The calls and watches of the port as data: what each takes, and what becomes of a call whose server died (O-2). */
import { type Check, isAnything, isCount, isObject, isText, listOf, optional } from './checks.ts'
import { NAME_LENGTH_MAX, SETTLED_TOLD_MAX } from './limits.ts'

/** All are asked again. `done`: this refusal then says that it was done. `once`: it is asked under an id, as its last argument, by which the server knows what was done. */
type Again = 'repeat' | { done: string } | 'once'

interface Call {
  args: readonly Check[]
  again: Again
}

const record = [isText, isText] as const
const isEdit: Check = (value) => isObject(value) && isObject(value.base) && isObject(value.wanted)

const isOnce: Check = (value) =>
  isObject(value) &&
  isText(value.id) &&
  value.id.length <= NAME_LENGTH_MAX &&
  listOf(isText)(value.settled) &&
  (value.settled as unknown[]).length <= SETTLED_TOLD_MAX

const CALLS = {
  identity: { args: [], again: 'repeat' },
  get: { args: record, again: 'repeat' },
  create: { args: [isText, isObject, isText, isOnce], again: 'once' },
  update: { args: [...record, isEdit, isOnce], again: 'once' },
  remove: { args: record, again: { done: 'not-found' } },
  restore: { args: [...record, isText, isOnce], again: 'once' },
  saved: { args: [...record, isText], again: 'repeat' },
  history: { args: record, again: 'repeat' },
  concurrent: { args: record, again: 'repeat' },
  receipts: { args: record, again: 'repeat' },
  at: { args: [...record, isText], again: 'repeat' },
  reapply: { args: [isText, isOnce], again: 'once' },
  dropAside: { args: [isText], again: { done: 'not-found' } },
  persist: { args: [], again: 'repeat' },
  setOffline: { args: [(value) => typeof value === 'boolean'], again: 'repeat' },
  setCredential: { args: [isText], again: 'repeat' },
} as const satisfies Record<string, Call>

const isQuery: Check = (value) =>
  isObject(value) &&
  isText(value.collection) &&
  isObject(value.where) &&
  Object.values(value.where).every((one) => isObject(one) && 'wanted' in one) &&
  listOf((one) => isObject(one) && isText(one.field) && isDirection(one.direction))(value.orderBy) &&
  optional((limit) => isCount(limit) || limit === Number.POSITIVE_INFINITY)(value.limit)
const isDirection: Check = (value) => value === 'ascending' || value === 'descending'
const isPlaces: Check = (value) =>
  isObject(value) && isText(value.collection) && isText(value.id) && listOf(isText)(value.places)

const WATCHES = {
  watch: [isQuery],
  watchStanding: [isPlaces],
  watchAside: [],
  watchOutbox: [isCount],
  watchQuarantine: [],
  watchSync: [],
  watchStorage: [],
  presence: [isText, isAnything],
} as const satisfies Record<string, readonly Check[]>

export type CallName = keyof typeof CALLS
export type WatchName = keyof typeof WATCHES

export function isCallName(value: unknown): value is CallName {
  return isText(value) && Object.hasOwn(CALLS, value)
}

export function isWatchName(value: unknown): value is WatchName {
  return isText(value) && Object.hasOwn(WATCHES, value)
}

export function againOf(name: CallName): Again {
  return CALLS[name].again
}

export function fitsCall(name: CallName, args: readonly unknown[]): boolean {
  return fits(CALLS[name].args, args)
}

export function fitsWatch(name: WatchName, args: readonly unknown[]): boolean {
  return fits(WATCHES[name], args)
}

function fits(checks: readonly Check[], args: readonly unknown[]): boolean {
  return args.length === checks.length && checks.every((check, i) => check(args[i]))
}
