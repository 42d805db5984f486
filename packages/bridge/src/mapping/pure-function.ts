/**
 * A mapping function kept honest (SPEC B-76). The engine decides by it, after a crash again and on another node as well, so it must give the same for the same input each time. It gets a
 * copy, runs twice, and what it gave for some earlier inputs is remembered: dice are found at once, a clock or a counter when such an input comes again.
 */
import type { Json } from '@skerry/core'
import { BridgeError } from '../bridge-error.ts'
import { plainJson } from './plain-json.ts'

/** Earlier inputs remembered of each function: statuses and empty fields come again and again, and 64 of them are a few kilobytes. */
export const SAMPLES_MAX = 64
/** Code units of a remembered input and its result together. */
export const SAMPLE_LENGTH_MAX = 500
/** Code units of a value quoted in a message. */
const QUOTED_MAX = 80

export type PureFunction = (input: unknown) => Json | undefined

/** @param what names it in errors, for example `mapping jobs ↔ cases: hours.to` */
export function pureFunction(what: string, call: (input: never) => unknown): PureFunction {
  const samples = new Map<string, string>()
  return (input) => {
    const [asked, once, again] = [written(input), run(what, call, input), run(what, call, input)]
    const given = written(once)
    check(what, asked, given, written(again))
    const before = samples.get(asked)
    if (before !== undefined) check(what, asked, before, given)
    else if (samples.size < SAMPLES_MAX && asked.length + given.length <= SAMPLE_LENGTH_MAX)
      samples.set(asked, given)
    return once
  }
}

function run(what: string, call: (input: never) => unknown, input: unknown): Json | undefined {
  try {
    return plainJson(call(plainJson(input) as never))
  } catch (cause) {
    throw new BridgeError('mapping', `${what} failed: ${reasonOf(cause)}`, { cause })
  }
}

function check(what: string, asked: string, once: string, again: string): void {
  if (once === again) return
  throw new BridgeError(
    'mapping-not-a-function',
    `${what} is not a function of its input: of ${quoted(asked)} it made ${quoted(once)}, and then ${quoted(again)}; it may use nothing but what it is given (no clock, no chance, no counter)`,
  )
}

function written(value: unknown): string {
  return JSON.stringify(plainJson(value)) ?? 'nothing'
}

function quoted(text: string): string {
  return text.length <= QUOTED_MAX ? text : `${text.slice(0, QUOTED_MAX)}…`
}

/** Expressions throw plain objects with a message. */
function reasonOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { message?: unknown }
  return typeof message === 'string' ? message : String(cause)
}
