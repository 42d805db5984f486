/** Where a running node listens for its operator, and the token for it: a file beside its store, new at each start (SPEC O-2). */
import { rm } from 'node:fs/promises'
import { readSecret, writeSecret } from '@skerry/hub'
import * as z from 'zod'
import { CliError } from '../cli-error.ts'

const schema = z.strictObject({ url: z.url({ protocol: /^http$/ }), token: z.string().min(1) })

export type OperatorAddress = z.output<typeof schema>

export function operatorFile(store: string): string {
  return `${store}.operator`
}

/** Replaces one that a killed node left: whoever has the store open is the only node on it. */
export async function writeOperatorFile(store: string, address: OperatorAddress): Promise<void> {
  await removeOperatorFile(store)
  await writeSecret(operatorFile(store), `${JSON.stringify(address)}\n`)
}

export function removeOperatorFile(store: string): Promise<void> {
  return rm(operatorFile(store), { force: true })
}

/** Undefined when no node runs on this store. @throws CliError `failure` for a damaged file; HubError `secret-exposed` */
export async function readOperatorFile(store: string): Promise<OperatorAddress | undefined> {
  const content = await readSecret(operatorFile(store))
  if (content === undefined) return undefined
  try {
    return schema.parse(JSON.parse(content))
  } catch (cause) {
    throw new CliError(
      'failure',
      `${operatorFile(store)}: it is not what a node writes there; restart the node, which makes it anew`,
      { cause },
    )
  }
}
