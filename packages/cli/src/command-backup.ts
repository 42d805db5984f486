/** `skerry backup` and `skerry restore`: a store's way into a file and back. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { CopiedBlobs } from '@skerry/blobs/node'
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .argument('<store>', 'the database file')
    .argument('<file>', 'where the backup goes; must not be there yet')
    .description('copy a store into one file while its node runs, and verify the copy')
    .option('--blobs <folder>', 'where the node keeps photos and other blobs (default: <store>.blobs)')
    .option('--no-blobs', 'leave them out: their files never change, so that any tool copies them')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The file gets its name only when every checksum in it was read and holds. Blobs go to <file>.blobs, each held against its hash. A hub's authority
and admin token lie beside its store and are not in it: keep them apart, in a safe place.

Examples:
  $ skerry backup ./hub.db /backup/hub-$(date +%F).db
  $ skerry backup ./gateway.db ./gateway-backup.db --json`,
    )
    .action(async (store: string, file: string, { json, blobs }: BackupFlags) => {
      const { backupSqlite } = await import('@skerry/store-sqlite')
      const from = resolve(terminal.folder, store)
      const place = blobsOf(terminal, from, blobs)
      checkNamed(place, blobs)
      const report = backupSqlite(from, resolve(terminal.folder, file))
      const { to, head, entries, records, bytes } = report
      const copied = await copyOf(place, `${to}.blobs`)
      if (place !== undefined && !copied) terminal.note(`no blobs: there is no ${place}`)
      if (existsSync(`${from}.authority.json`))
        terminal.note(`not in it: ${from}.authority.json; keep a copy of it in a safe place`)
      terminal.print(
        json
          ? JSON.stringify({ ...report, ...(copied && { blobs: copied }) })
          : `${to}: ${records} records in ${entries} entries up to ${head}, ${bytes} bytes${blobWords(copied)}, verified`,
      )
      checkWhole(copied)
    })
  program
    .command('restore')
    .argument('<file>', 'a backup')
    .argument('<store>', 'where the store goes')
    .description('put a backup in place as a store, verified; its node must not run')
    .option('--replace', 'a store that is there is moved aside, to <store>.replaced')
    .option('--as-copy', 'the original lives on: a log of its own, without the device key')
    .option('--blobs <folder>', 'where the node keeps photos and other blobs (default: <store>.blobs)')
    .option('--no-blobs', 'leave those of the backup where they are')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The store then opens as the same log in a new run: what was lost is not trusted, and what other nodes have of it they tell again. Blobs of
<file>.blobs are added to those that are there; in a new folder they have a new generation, so that devices send what is lacking. A hub
needs its authority file beside the store; enrolment codes of before are void.

Examples:
  $ skerry restore /backup/hub-2026-11-28.db ./hub.db --replace
  $ skerry restore ./hub-backup.db /tmp/drill.db --as-copy --json`,
    )
    .action(async (file: string, store: string, { json, blobs, ...options }: RestoreFlags) => {
      const { restoreSqlite } = await import('@skerry/store-sqlite')
      const report = restoreSqlite(resolve(terminal.folder, file), resolve(terminal.folder, store), options)
      const { from, to, head, entries, records, replaced } = report
      const place = blobsOf(terminal, to, blobs)
      const copied = place ? await copyOf(`${from}.blobs`, place) : undefined
      if (place !== undefined && !copied) terminal.note(`no blobs: there is no ${from}.blobs`)
      if (replaced !== undefined) terminal.note(`what was there is now ${replaced}`)
      terminal.print(
        json
          ? JSON.stringify({ ...report, ...(copied && { blobs: copied }) })
          : `${to}: ${records} records in ${entries} entries up to ${head}${blobWords(copied)}, verified`,
      )
      checkWhole(copied)
    })
}

/** @throws CliError before anything is copied, for a folder that was named and is not there */
function checkNamed(place: string | undefined, asked: string | boolean): void {
  if (place !== undefined && typeof asked === 'string' && !existsSync(place))
    throw new CliError(
      'store',
      `--blobs ${asked}: there is no such folder; leave it out where there are no blobs`,
    )
}

/** Undefined: they are left out. @param store its path */
function blobsOf({ folder }: Terminal, store: string, asked: string | boolean): string | undefined {
  if (asked === false) return undefined
  return typeof asked === 'string' ? resolve(folder, asked) : `${store}.blobs`
}

async function copyOf(from: string | undefined, to: string): Promise<CopiedBlobs | undefined> {
  if (from === undefined) return undefined
  const { copyBlobs } = await import('@skerry/blobs/node')
  return copyBlobs(from, to)
}

function blobWords(copied: CopiedBlobs | undefined): string {
  return copied ? `, ${copied.blobs} blobs of ${copied.bytes} bytes` : ''
}

/** @throws CliError when there are blobs that could not be copied */
function checkWhole(copied: CopiedBlobs | undefined): void {
  if (!copied || copied.damaged.length === 0) return
  throw new CliError(
    'store',
    `${copied.damaged.length} blobs cannot be read, or are damaged, and are not in the copy; everything else is: ${copied.damaged.join(', ')}`,
  )
}

interface BackupFlags {
  json?: boolean
  /** A folder, or whether any are wanted. */
  blobs: string | boolean
}

interface RestoreFlags extends BackupFlags {
  replace?: boolean
  asCopy?: boolean
}
