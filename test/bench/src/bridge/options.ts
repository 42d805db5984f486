/** What `npm run bench:bridge` may be told. */
import { parseArgs } from 'node:util'

export const usage = `npm run bench:bridge -- [--only name,name] [--scale 0.01] [--results] [--profile folder]

  --only      some parts: calls, latency, faults, backfill, ring
  --scale     a share of everything, above 0 and at most 1: for tries, and never written down
  --results   writes its part of RESULTS.md, as a whole run always does
  --profile   keeps a CPU profile of the backfill in this folder
`

export interface BridgeOptions {
  only: readonly string[]
  scale: number
  results: boolean
  profile: string | undefined
}

/** @throws TypeError for an option, a name or a scale that there is not */
export function readBridgeOptions(args: readonly string[], names: readonly string[]): BridgeOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      scale: { type: 'string', default: '1' },
      results: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const only = values.only?.split(',') ?? names
  const unknown = only.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new TypeError(`--only ${unknown}: there is no such part; there are ${names.join(', ')}`)
  const scale = Number(values.scale)
  if (!(scale > 0 && scale <= 1))
    throw new TypeError(`--scale ${values.scale}: want a share above 0 and at most 1`)
  if (values.results && scale < 1)
    throw new TypeError(`--results with --scale ${values.scale}: only a run of full size is written down`)
  const isWhole = scale === 1 && only.length === names.length
  return { only, scale, results: values.results || isWhole, profile: values.profile }
}
