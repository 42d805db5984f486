/** `skerry credential key`: the public key of a device's store. While the device's node runs, the store is its own, and the key is read beside it. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { toHex } from '@skerry/core'
import { openReplica } from '@skerry/node'
import { type Accept, inspectTable, sqliteStore } from '@skerry/store-sqlite'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

export interface KeyOptions {
  json?: boolean
  /** Given, the store is opened whether it has a key or not: a copy gets a new one. */
  accept?: Accept
}

export async function printKey(
  store: string,
  { json, accept }: KeyOptions,
  terminal: Terminal,
): Promise<void> {
  const path = resolve(terminal.folder, store)
  const key = (!accept && existsSync(path) && keyIn(path)) || (await keyMadeIn(path, accept))
  terminal.print(json ? JSON.stringify({ key }) : key)
}

/** The key pair stands in core's table as two hex numbers, secret and public; only the public one leaves here. */
function keyIn(path: string): string | undefined {
  const row = inspectTable(path, { table: 'identity', limit: 10 }).find(({ key }) => key === 'key')
  if (!row) return undefined
  const [, publicKey] = new TextDecoder().decode(row.value).split(' ')
  if (!/^[0-9a-f]{64}$/.test(publicKey ?? ''))
    throw new CliError('store', `${path}: its device key cannot be read; was it written by a newer version?`)
  return publicKey
}

/** Opening a replica makes its key. */
async function keyMadeIn(path: string, accept: Accept | undefined): Promise<string> {
  const store = sqliteStore({ path, ...(accept && { accept }) })
  const replica = await openReplica({ store, collections: {} })
  try {
    return toHex(replica.publicKey)
  } finally {
    await replica.close()
  }
}
