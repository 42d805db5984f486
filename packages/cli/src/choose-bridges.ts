/** The bridges of a config that a command is about, their mappings read. */
import { dirname, relative, resolve } from 'node:path'
import { type BridgeConfig, checkBridgeConfig } from '@skerry/bridge'
import { nearest } from '@skerry/core'
import { CliError } from './cli-error.ts'
import type { SkerryConfig } from './config.ts'
import { loadMappings } from './load-mappings.ts'

/** @param name only this one; undefined: all @throws CliError config, usage; BridgeError bridge-config */
export function chooseBridges(
  config: SkerryConfig,
  path: string,
  folder: string,
  name: string | undefined,
): BridgeConfig[] {
  const file = relative(folder, path)
  const all = (config.bridges ?? []).map((bridge) => checkBridgeConfig(withMappings(bridge, path, folder)))
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

/** Mappings that are named are a file beside the config. */
function withMappings(bridge: unknown, config: string, folder: string): unknown {
  const { mappings } = (bridge ?? {}) as { mappings?: unknown }
  if (typeof mappings !== 'string') return bridge
  const path = resolve(dirname(config), mappings)
  return { ...(bridge as object), mappings: loadMappings(path, relative(folder, path)) }
}
