/** `skerry backup` and `skerry restore`: a store's way into a file and back. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'

export function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .argument('<store>', 'the database file')
    .argument('<file>', 'where the backup goes; must not be there yet')
    .description('copy a store into one file while its node runs, and verify the copy')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The file gets its name only when every checksum in it was read and holds. A hub's authority and admin token lie beside its store and are not in
it: keep them apart, in a safe place.

Examples:
  $ skerry backup ./hub.db /backup/hub-$(date +%F).db
  $ skerry backup ./gateway.db ./gateway-backup.db --json`,
    )
    .action(async (store: string, file: string, { json }: { json?: boolean }) => {
      const { backupSqlite } = await import('@skerry/store-sqlite')
      const from = resolve(terminal.folder, store)
      const report = backupSqlite(from, resolve(terminal.folder, file))
      const { to, head, entries, records, bytes } = report
      if (existsSync(`${from}.authority.json`))
        terminal.note(`not in it: ${from}.authority.json; keep a copy of it in a safe place`)
      terminal.print(
        json
          ? JSON.stringify(report)
          : `${to}: ${records} records in ${entries} entries up to ${head}, ${bytes} bytes, verified`,
      )
    })
  program
    .command('restore')
    .argument('<file>', 'a backup')
    .argument('<store>', 'where the store goes')
    .description('put a backup in place as a store, verified; its node must not run')
    .option('--replace', 'a store that is there is moved aside, to <store>.replaced')
    .option('--as-copy', 'the original lives on: a log of its own, without the device key')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
The store then opens as the same log in a new run: what was lost is not trusted, and what other nodes have of it they tell again. A hub needs its
authority file beside the store.

Examples:
  $ skerry restore /backup/hub-2026-11-28.db ./hub.db --replace
  $ skerry restore ./hub-backup.db /tmp/drill.db --as-copy --json`,
    )
    .action(async (file: string, store: string, { json, ...options }: RestoreFlags) => {
      const { restoreSqlite } = await import('@skerry/store-sqlite')
      const report = restoreSqlite(resolve(terminal.folder, file), resolve(terminal.folder, store), options)
      const { to, head, entries, records, replaced } = report
      if (replaced !== undefined) terminal.note(`what was there is now ${replaced}`)
      terminal.print(
        json
          ? JSON.stringify(report)
          : `${to}: ${records} records in ${entries} entries up to ${head}, verified`,
      )
    })
}

interface RestoreFlags {
  json?: boolean
  replace?: boolean
  asCopy?: boolean
}
