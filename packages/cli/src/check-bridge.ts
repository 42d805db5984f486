/** What `skerry bridge check` does: the config's bridges held against the systems that they name. */
import { asYaml, type BridgeCheck, checkBridge, type Finding } from '@skerry/bridge'
import { chooseBridges } from './choose-bridges.ts'
import { CliError, type ExitClass } from './cli-error.ts'
import { loadConfig } from './load-config.ts'
import { printable } from './table.ts'
import { paint, type Terminal } from './terminal.ts'

export interface CheckFlags {
  config?: string
  allTypes?: boolean
  json?: boolean
}

type Checked = BridgeCheck & { system: string }

/** @throws CliError config where something cannot work; network, credential where a system cannot be asked */
export async function checkBridges(
  name: string | undefined,
  { config: file, allTypes = false, json = false }: CheckFlags,
  terminal: Terminal,
): Promise<void> {
  const { config, path } = await loadConfig(file, terminal.folder)
  const collections = new Map(Object.values(config.collections).map((one) => [one.name, one]))
  const checked: Checked[] = []
  for (const { adapter, mappings, hashKey, name: system } of chooseBridges(
    config,
    path,
    terminal.folder,
    name,
  )) {
    const asked = { adapter, mappings, hashKey, name: system, collections, proposeTypes: allTypes }
    checked.push({ system, ...(await checkBridge(asked)) })
  }
  terminal.print(json ? JSON.stringify(checked) : checked.map((one) => described(one, terminal)).join('\n\n'))
  endWith(checked)
}

function described(
  { system, failure, isUndescribed, findings, proposals }: Checked,
  terminal: Terminal,
): string {
  const lines = [
    ...(failure
      ? [`${paint(terminal, 'red', 'error')} ${system} answers ${failure.kind}: ${failure.reason}`]
      : []),
    ...(isUndescribed ? [`${system} tells of no schema: its fields cannot be checked`] : []),
    ...findings.map((finding) => findingLine(finding, terminal)),
  ]
  if (lines.length === 0) lines.push(`${system}: nothing to say against it`)
  const yaml = asYaml(proposals)
  return [...lines.map(printable), ...(yaml === '' ? [] : ['', `# ${system}: could be mapped`, yaml])].join(
    '\n',
  )
}

function findingLine(
  { level, collection, type, field, external, message }: Finding,
  terminal: Terminal,
): string {
  const where = [field, external].filter((one) => one !== undefined).join(' ↔ ')
  const word = paint(terminal, level === 'error' ? 'red' : 'yellow', level)
  return `${word} mapping ${collection} ↔ ${type}${where === '' ? '' : `, ${where}`}: ${message}`
}

function endWith(checked: readonly Checked[]): void {
  for (const { system, failure } of checked) {
    if (!failure) continue
    const classes: Partial<Record<typeof failure.kind, ExitClass>> = {
      unauthorized: 'credential',
      rejected: 'config',
    }
    throw new CliError(
      classes[failure.kind] ?? 'network',
      `${system} could not be checked: ${failure.reason}`,
    )
  }
  const errors = checked.flatMap(({ findings }) => findings).filter(({ level }) => level === 'error').length
  if (errors > 0)
    throw new CliError(
      'config',
      `${errors} ${errors === 1 ? 'thing' : 'things'} that cannot work; mend the mappings, or the systems`,
    )
}
