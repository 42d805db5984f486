/** What `npm run bench:peers` may be told. */
import { parseArgs } from 'node:util'

export const usageOf = (
  names: readonly string[],
): string => `npm run bench:peers -- [--only name,name] [--sizes number,number]

  --only    some contenders: ${names.join(', ')}
  --sizes   numbers of records, 1 to 100,000, for every contender

Without either it measures everything and writes its part of RESULTS.md.
`

const RECORDS_MAX = 100_000

export interface Options {
  /** Names; undefined: all. */
  only: readonly string[] | undefined
  /** Undefined: each contender's own. */
  sizes: readonly number[] | undefined
}

/** @throws TypeError for an option, a name or a number that there is not */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, sizes: { type: 'string' } },
  })
  const only = values.only?.split(',')
  const unknown = only?.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown}: there is no such contender; there are ${names.join(', ')}`)
  const sizes = values.sizes?.split(',').map(Number)
  const wrong = sizes?.findIndex((size) => !Number.isInteger(size) || size < 1 || size > RECORDS_MAX) ?? -1
  if (wrong >= 0)
    throw new TypeError(
      `--sizes ${values.sizes!.split(',')[wrong]}: a number of records is whole and from 1 to ${RECORDS_MAX}`,
    )
  return { only, sizes }
}
