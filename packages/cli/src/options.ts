/** How option texts become values; what is wrong with one is a usage error that commander reports. */
import type { Accept } from '@skerry/store-sqlite'
import { type Command, InvalidArgumentError, Option } from 'commander'

export function portNumber(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Want a port from 0 (any free one) to 65535.')
  return port
}

export function days(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > 3_650)
    throw new InvalidArgumentError('Want whole days, 1 to 3650.')
  return count
}

export function minutes(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > 20_160)
    throw new InvalidArgumentError('Want whole minutes, 1 to 20160 (14 days).')
  return count
}

/** The session address of a hub, as the hub's log and `Hub.syncUrl` give it. */
export function sessionUrl(text: string): string {
  if (URL.canParse(text)) {
    const url = new URL(text)
    if (url.protocol === 'ws:' || url.protocol === 'wss:') return text
    if (url.protocol === 'http:' || url.protocol === 'https:')
      throw new InvalidArgumentError(`Want the address of its sessions: ${sessionsOf(url)}.`)
  }
  throw new InvalidArgumentError('Want an address like wss://hub.example/sync.')
}

function sessionsOf({ protocol, host }: URL): string {
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/sync`
}

/** `a,b` → ['a', 'b']; the empty text is the empty list. */
export function nameList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function count(text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 100_000)
    throw new InvalidArgumentError('Want a count from 1 to 100000.')
  return value
}

const accepts = ['moved', 'copy', 'restored'] as const satisfies readonly Accept[]

/** Of every command that opens a store for writing: what to do with a file that the store refuses. */
export function acceptOption(): Option {
  return new Option(
    '--accept <what>',
    'take a store that is not where, or what, it was: moved (the original is gone), copy (it lives on), restored (an old backup)',
  ).choices(accepts)
}

/** For a help text. */
export const acceptHelp = `A store that was copied here, or is older than what was last open here, is refused with exit code 5 until --accept says what it is.
One that 'skerry restore' put in place opens as it is.`

/** Options of every command that asks a running adapter node. */
export function onNode(command: Command): Command {
  return command
    .option('--store <path>', 'database file of the node that runs', 'bridge.db')
    .option('--json', 'print JSON')
}

/** Of those that ask for all of its bridges, or one. */
export function atNode(command: Command): Command {
  return onNode(command).option('--system <name>', 'only this system; default: all that the node bridges')
}
