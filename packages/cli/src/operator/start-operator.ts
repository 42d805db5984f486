/** Listens for the operator of a node, on this machine alone (SPEC O-1, O-2). */
import { randomBytes } from 'node:crypto'
import { adminToken, closeServer, httpServer, type Logger, listen } from '@skerry/hub'
import { CLOSE_GRACE_MS, TOKEN_BYTES } from './limits.ts'
import type { NodeBridge } from './node-bridges.ts'
import { operatorApp } from './operator-app.ts'
import { operatorFile, removeOperatorFile, writeOperatorFile } from './operator-file.ts'

/** @param store which this process has open @throws HubError `cannot-listen`, `secret-unusable` */
export async function startOperator(
  store: string,
  bridges: readonly NodeBridge[],
  log: Logger,
): Promise<{ close(): Promise<void> }> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const file = operatorFile(store)
  const server = httpServer(operatorApp({ bridges, token: adminToken(token, file, true), log }))
  const url = await listen(server, 0, '127.0.0.1')
  const close = async () => {
    await removeOperatorFile(store)
    await closeServer(server, CLOSE_GRACE_MS)
  }
  try {
    await writeOperatorFile(store, { url, token })
  } catch (error) {
    await close()
    throw error
  }
  log.info({ url, file }, 'operator heard')
  return { close }
}
