/** What `skerry bridge` does: an adapter node. A replica of its own, linked to the hub, with the bridges of the config on it. */
import { existsSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import {
  type Bridge,
  type BridgeConfig,
  type BridgeEvent,
  checkBridgeConfig,
  LeasedBridge,
  startBridgeFromConfig,
} from '@skerry/bridge'
import { type Replica, toHex } from '@skerry/core'
import { createLog, type Logger } from '@skerry/hub'
import { nodeHost, openReplica } from '@skerry/node'
import { type Accept, sqliteStore } from '@skerry/store-sqlite'
import { channelsOfGateway, segmentKind } from '@skerry/streams'
import { nodeCompressor } from '@skerry/streams/node'
import { connect, type Link } from '@skerry/ws'
import { CliError } from './cli-error.ts'
import type { SkerryConfig } from './config.ts'
import { hubLeases } from './hub-leases.ts'
import { loadConfig } from './load-config.ts'
import { logLines } from './log-lines.ts'
import { nearest } from './nearest.ts'
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
  const chosen = chooseBridges(config, relative(terminal.folder, path), name)
  const readable = terminal.isTty && options.json !== true
  const log = createLog({
    level: config.hub?.logLevel ?? 'info',
    ...(readable && { destination: logLines(terminal) }),
  })
  const stop = stopSignal()
  const replica = await openNode(config, resolve(terminal.folder, options.store), options.accept, log)
  const running: { close(): Promise<void> }[] = [replica]
  try {
    await enrol(replica, chosen, options, terminal)
    running.push(join(replica, options.hub, log))
    for (const bridge of chosen) running.push(await start(replica, bridge, options, log))
    log.info({ bridges: chosen.map((bridge) => bridge.name), node: replica.node }, 'bridge ready')
    log.info({ signal: await stop }, 'told to stop')
  } finally {
    for (const part of running.reverse()) await part.close()
  }
  log.info('bridge closed')
}

function chooseBridges(config: SkerryConfig, file: string, name: string | undefined): BridgeConfig[] {
  const all = (config.bridges ?? []).map((bridge) => checkBridgeConfig(bridge))
  const chosen = name === undefined ? all : all.filter((bridge) => bridge.name === name)
  if (chosen.length > 0) return chosen
  const names = all.map((bridge) => bridge.name)
  if (name === undefined)
    throw new CliError('config', `${file}: it has no bridges; add bridges: [{ name, adapter, mappings }]`)
  const meant = nearest(name, names)
  throw new CliError(
    'usage',
    `bridge '${name}': not in ${file}; ${meant ? `did you mean '${meant}'?` : `it has ${names.join(', ') || 'none'}`}`,
  )
}

function openNode(
  config: SkerryConfig,
  path: string,
  accept: Accept | undefined,
  log: Logger,
): Promise<Replica> {
  return openReplica({
    store: sqliteStore({
      path,
      ...(accept && { accept }),
      warn: (message) => log.warn({ file: path }, message),
    }),
    collections: config.collections,
    space: config.space,
    // Who may read everything is told telemetry too.
    kinds: {
      segment: segmentKind({
        compressor: nodeCompressor,
        channels: config.streams?.channels ?? channelsOfGateway,
      }),
    },
    events: ({ level, code, message, fields }) => log[level]({ code, ...fields }, message),
  })
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
  const command = `skerry credential issue --subject bridge --key ${toHex(replica.publicKey)} --read '*' --write '*' --systems ${systems}`
  const { credential } = replica
  if (!credential)
    throw new CliError(
      'credential',
      `this node has no credential. Get one, and give its file with --credential:\n  ${command}`,
    )
  const missing = bridges.find((bridge) => !credential.systems.includes(bridge.name))
  if (missing)
    throw new CliError(
      'credential',
      `the credential of '${credential.subject}' is not for the system '${missing.name}'. Get another:\n  ${command}`,
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
): Promise<{ close(): Promise<void> }> {
  const { name } = config
  const host = nodeHost()
  const events = ({ level, code, message, fields }: BridgeEvent) =>
    log[level]({ bridge: name, code, ...fields }, message)
  const bridge = (): Promise<Bridge> => startBridgeFromConfig(replica, config, { host, events })
  return lease
    ? new LeasedBridge({ system: name, office: hubLeases(replica, hub), host, start: bridge, events })
    : bridge()
}
