// A value's header: type in the low four bits, size in bytes above them.

import { ChangeRefused } from './refused.ts'

export const VALUE = {
  null: 0,
  false: 1,
  true: 2,
  unsigned: 3,
  signed: 4,
  float: 5,
  text: 6,
  bytes: 7,
  counter: 8,
  timestamp: 9,
} as const

const TYPE_MAX = VALUE.timestamp
/** LEB128 of an integer JavaScript can hold: 2^53 in seven-bit groups, and one for the sign. */
const INTEGER_BYTES_MAX = 8
const FLOAT_BYTES = 8

export function valueType(meta: number): number {
  return meta % 16
}

/**
 * The size in bytes. Throws `ChangeRefused` 'malformed' when type and size do not fit, 'unsafe-integer' for
 * what is no plain number.
 */
export function checkValueMeta(meta: number): number {
  const type = valueType(meta)
  const size = Math.floor(meta / 16)
  if (type > TYPE_MAX) throw new ChangeRefused('malformed', `value type ${type}, known are 0 to ${TYPE_MAX}`)
  if (type === VALUE.unsigned)
    throw new ChangeRefused('unsafe-integer', 'an unsigned integer, which Automerge hands out as a BigInt')
  if (type <= VALUE.true && size !== 0) throw misfit(type, size)
  if (type === VALUE.float && size !== FLOAT_BYTES) throw misfit(type, size)
  const integer = type === VALUE.signed || type >= VALUE.counter
  if (integer && size === 0) throw misfit(type, size)
  if (integer && size > INTEGER_BYTES_MAX) {
    throw new ChangeRefused(
      'unsafe-integer',
      `an integer of ${size} bytes, JavaScript holds ${INTEGER_BYTES_MAX}`,
    )
  }
  return size
}

function misfit(type: number, size: number): ChangeRefused {
  return new ChangeRefused('malformed', `value of type ${type} with ${size} bytes`)
}
