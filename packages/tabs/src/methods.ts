/** The calls and watches of a port as data: what each takes, and what becomes of a call whose server died (O-2). Those of the live port are here. */
import { type Check, isAnything, isCount, isObject, isText, listOf, optional } from './checks.ts'
import { NAME_LENGTH_MAX, SETTLED_TOLD_MAX } from './limits.ts'

/** All are asked again. `done`: this refusal then says that it was done. `once`: it is asked under an id, as its last argument, by which the server knows what was done. */
export type Again = 'repeat' | { done: string } | 'once'

export interface Call {
  args: readonly Check[]
  again: Again
}

export interface Methods {
  readonly calls: Readonly<Record<string, Call>>
  readonly watches: Readonly<Record<string, readonly Check[]>>
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
  remove: { args: [...record, isOnce], again: 'once' },
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

export const liveMethods: Methods = { calls: CALLS, watches: WATCHES }

export function isCallName({ calls }: Methods, value: unknown): value is string {
  return isText(value) && Object.hasOwn(calls, value)
}

export function isWatchName({ watches }: Methods, value: unknown): value is string {
  return isText(value) && Object.hasOwn(watches, value)
}

/** Of a call of the live port. By itself, since a page needs nothing else of all this. */
export function liveAgainOf(name: string): Again {
  return CALLS[name as CallName].again
}

export function fitsCall({ calls }: Methods, name: string, args: readonly unknown[]): boolean {
  return fits(calls[name]!.args, args)
}

export function fitsWatch({ watches }: Methods, name: string, args: readonly unknown[]): boolean {
  return fits(watches[name]!, args)
}

function fits(checks: readonly Check[], args: readonly unknown[]): boolean {
  return args.length === checks.length && checks.every((check, i) => check(args[i]))
}
