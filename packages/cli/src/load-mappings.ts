/** Reads a mapping file; what is in it is checked by @skerry/bridge, with line and column. */
import { readFileSync } from 'node:fs'
import { type MappingFile, parseMappings } from '@skerry/bridge'
import { CliError } from './cli-error.ts'

/** @param shown names the file in messages; default as it is given @throws CliError `config` when it cannot be read; BridgeError bridge-config, one line for each thing that is wrong */
export function loadMappings(path: string, shown: string = path): MappingFile {
  return parseMappings(textOf(path, shown), shown)
}

function textOf(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new CliError('config', `${shown}: the mapping file cannot be read: ${why}`, { cause })
  }
}
