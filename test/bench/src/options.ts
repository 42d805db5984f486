/** What `npm run bench` may be told. */
import { parseArgs } from 'node:util'

export const usage = `npm run bench -- [--only name,name] [--quick] [--json] [--profile folder]

  --only      some measurements: NAMES
  --quick     little of everything: shows that all works, and roughly how fast
  --json      figures as JSON on standard output
  --profile   keeps the CPU profiles in this folder
`

export interface Options {
  only: readonly string[]
  quick: boolean
  json: boolean
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
      profile: { type: 'string' },
    },
  })
  const only = values.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown}: there is no such measurement; there are ${names.join(', ')}`)
  return { only, quick: values.quick, json: values.json, profile: values.profile }
}
