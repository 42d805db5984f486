/** Gives each replica of a crowd its credential. */
import type { OpenHub } from '../bench.ts'
import type { CrowdCommands } from '../crowd-process.ts'
import type { Measured } from '../process.ts'

export interface Crowd {
  count: number
  /** Whose records they read. */
  region: string
  /** Whether they keep what they are told. */
  takes: 'keeps' | 'counts'
}

export async function enrolCrowd(
  hub: OpenHub,
  crowd: Measured<CrowdCommands>,
  { count, region, takes }: Crowd,
) {
  const keys = await crowd.call.open({ count, takes })
  const tokens: string[] = []
  for (const [number, publicKey] of keys.entries())
    tokens.push(
      await hub.process.call.issue({ publicKey, subject: `crowd ${number}`, channels: [`region:${region}`] }),
    )
  await crowd.call.enrol(tokens)
}
