/** What `skerry hub` does: config, hub, signal, drain. */

import { createLog, startHub } from '@skerry/hub'
import type { Accept } from '@skerry/store-sqlite'
import { loadConfig } from './load-config.ts'
import { logLines } from './log-lines.ts'
import { stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

export interface HubOptions {
  config?: string
  port?: number
  host?: string
  store?: string
  accept?: Accept
  json?: boolean
}

export async function runHub(options: HubOptions, terminal: Terminal): Promise<void> {
  const { config } = await loadConfig(options.config, terminal.folder)
  const settings = {
    ...config.hub,
    ...(options.port !== undefined && { port: options.port }),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.store !== undefined && { store: options.store }),
    ...(options.accept !== undefined && { accept: options.accept }),
  }
  const readable = terminal.isTty && options.json !== true
  const log = createLog({
    level: settings.logLevel ?? 'info',
    ...(readable && { destination: logLines(terminal) }),
  })
  const stop = stopSignal()
  const hub = await startHub(
    { ...config, hub: settings },
    { log, adminToken: terminal.env.SKERRY_ADMIN_TOKEN },
  )
  log.info({ signal: await stop }, 'told to stop')
  await hub.close()
}
