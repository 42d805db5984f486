/** What `npm run bench` may be told. */
import { parseArgs } from 'node:util'

export const usageOf = (
  names: readonly string[],
): string => `npm run bench -- [--only name,name] [--quick] [--json] [--results] [--profile folder]

  --only      some measurements: ${names.join(', ')}
  --quick     little of everything: shows that all works, and roughly how fast
  --json      figures as JSON on standard output
  --results   writes its part of RESULTS.md, as a whole run that is not quick always does
  --profile   keeps the CPU profiles in this folder
`

export interface Options {
  only: readonly string[]
  quick: boolean
  json: boolean
  results: boolean
  profile: string | undefined
}

/** @throws TypeError for an option or a name that there is not */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      results: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const only = values.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown}: there is no such measurement; there are ${names.join(', ')}`)
  const { quick, json, profile } = values
  const results = values.results || (!quick && only.length === names.length)
  return { only, quick, json, results, profile }
}
