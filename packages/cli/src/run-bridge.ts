/** What `skerry bridge` does: an adapter node. A replica of its own, linked to the hub, with the bridges of the config on it. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Bridge,
  type BridgeConfig,
  type BridgeEvent,
  LeasedBridge,
  startBridgeFromConfig,
} from '@skerry/bridge'
import { type Replica, toHex } from '@skerry/core'
import { createLog, type Logger } from '@skerry/hub'
import { nodeHost } from '@skerry/node'
import type { Accept } from '@skerry/store-sqlite'
import { connect, type Link } from '@skerry/ws'
import { chooseBridges } from './choose-bridges.ts'
import { CliError } from './cli-error.ts'
import { hubLeases } from './hub-leases.ts'
import { loadConfig } from './load-config.ts'
import { logLines } from './log-lines.ts'
import { openNode } from './open-node.ts'
import type { NodeBridge } from './operator/node-bridges.ts'
import { startOperator } from './operator/start-operator.ts'
import { stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

export interface BridgeOptions {
  hub: string
  store: string
  config?: string
  /** File of the token; needed once, then kept in the store. */
  credential?: string
  accept?: Accept
  json?: boolean
  /** False: this node acts for its systems without asking the hub. */
  lease: boolean
}

export async function runBridge(
  name: string | undefined,
  options: BridgeOptions,
  terminal: Terminal,
): Promise<void> {
  const { config, path } = await loadConfig(options.config, terminal.folder)
  const chosen = chooseBridges(config, path, terminal.folder, name)
  const readable = terminal.isTty && options.json !== true
  const log = createLog({
    level: config.hub?.logLevel ?? 'info',
    ...(readable && { destination: logLines(terminal) }),
  })
  const stop = stopSignal()
  const store = resolve(terminal.folder, options.store)
  const replica = await openNode(config, store, options.accept, log)
  const running: { close(): Promise<void> }[] = [replica]
  try {
    await enrol(replica, chosen, options, terminal)
    running.push(join(replica, options.hub, log))
    const bridges: NodeBridge[] = []
    for (const bridge of chosen) {
      const started = await start(replica, bridge, options, log)
      running.push(started)
      bridges.push(started)
    }
    running.push(await startOperator(store, bridges, log))
    log.info({ bridges: chosen.map((bridge) => bridge.name), node: replica.node }, 'bridge ready')
    log.info({ signal: await stop }, 'told to stop')
  } finally {
    for (const part of running.reverse()) await part.close()
  }
  log.info('bridge closed')
}

/** @throws CliError `credential` with the command that gets one */
async function enrol(
  replica: Replica,
  bridges: readonly BridgeConfig[],
  options: BridgeOptions,
  terminal: Terminal,
): Promise<void> {
  const file = options.credential && resolve(terminal.folder, options.credential)
  if (file) {
    if (!existsSync(file))
      throw new CliError('credential', `--credential ${options.credential}: there is no such file`)
    await replica.setCredential(readFileSync(file, 'utf8').trim())
  }
  const systems = bridges.map((bridge) => bridge.name).join(',')
  const where = 'beside the store of the hub (elsewhere --hub in place of --store)'
  const command = `skerry credential issue --subject bridge --key ${toHex(replica.publicKey)} --read '*' --write '*' --systems ${systems} --store hub.db > bridge.token`
  const { credential } = replica
  if (!credential)
    throw new CliError(
      'credential',
      `this node has no credential. Get one ${where}, and give its file with --credential:\n  ${command}`,
    )
  const missing = bridges.find((bridge) => !credential.systems.includes(bridge.name))
  if (missing)
    throw new CliError(
      'credential',
      `the credential of '${credential.subject}' is not for the system '${missing.name}'. Get another ${where}:\n  ${command}`,
    )
}

function join(replica: Replica, url: string, log: Logger): Link {
  const link = connect(replica, url)
  link.subscribe(({ phase, lastError }) => {
    if (phase === 'open') log.info({ hub: url }, 'hub reached')
    if (phase === 'waiting')
      log.warn({ hub: url, code: lastError?.code }, `hub not reached, trying again: ${lastError?.message}`)
    if (phase === 'blocked')
      log.error({ hub: url, code: lastError?.code }, `the hub refuses this node: ${lastError?.message}`)
  })
  return link
}

async function start(
  replica: Replica,
  config: BridgeConfig,
  { hub, lease }: BridgeOptions,
  log: Logger,
): Promise<NodeBridge & { close(): Promise<void> }> {
  const { name } = config
  const host = nodeHost()
  const events = ({ level, code, message, fields }: BridgeEvent) =>
    log[level]({ bridge: name, code, ...fields }, message)
  const bridge = (): Promise<Bridge> => startBridgeFromConfig(replica, config, { host, events })
  if (!lease) {
    const alone = await bridge()
    return { system: name, bridge: () => alone, close: () => alone.close() }
  }
  const leased = new LeasedBridge({
    system: name,
    office: hubLeases(replica, hub),
    host,
    start: bridge,
    events,
  })
  return { system: name, bridge: () => leased.bridge, close: () => leased.close() }
}
