/** What `npm run bench:browser` may be told. */
import { parseArgs } from 'node:util'

export const usage = `npm run bench:browser -- [--only name,name] [--scale 0.05] [--profile folder]

  --only      some contenders: skerry, automerge-repo, rxdb, pouchdb
  --scale     a share of everything, above 0 and at most 1: for tries, and never written down
  --profile   keeps CPU profiles of Skerry's page and worker in this folder, from runs of their own

Without --only and --scale it measures everything and writes its part of RESULTS.md.
`

export interface BrowserOptions {
  only: readonly string[]
  scale: number
  profile: string | undefined
  /** Whether all is measured, as it is written down. */
  isWhole: boolean
}

/** @throws TypeError for an option, a name or a scale that there is not */
export function readBrowserOptions(args: readonly string[], names: readonly string[]): BrowserOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      scale: { type: 'string', default: '1' },
      profile: { type: 'string' },
    },
  })
  const only = values.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown}: there is no such contender; there are ${names.join(', ')}`)
  const scale = Number(values.scale)
  if (!(scale > 0 && scale <= 1))
    throw new TypeError(`--scale ${values.scale}: want a share above 0 and at most 1`)
  const isWhole = scale === 1 && only.length === names.length
  return { only, scale, profile: values.profile, isWhole }
}
