/** By which means the tests of a folder or file show what they show: what a reader of a page has to know to weigh a line of it. */

const means: readonly (readonly [path: string, means: string])[] = [
  ['apps/sandbox/', 'real sockets'],
  ['packages/adapter-hubspot/', 'real sockets'],
  ['packages/adapter-mysql/', 'real database'],
  ['packages/adapter-odata/', 'real sockets'],
  ['packages/adapter-postgres/', 'real database'],
  ['packages/adapter-rest/', 'real sockets'],
  ['packages/adapter-salesforce/', 'real sockets'],
  ['packages/blobs/test/folder.test.ts', 'real process and disk'],
  ['packages/blobs/test/power-loss.test.ts', 'real disk, simulated syncs'],
  ['packages/bridge/', 'in memory, virtual clock'],
  ['packages/bridge/src/http/', 'real sockets'],
  ['packages/cli/', 'real processes'],
  ['packages/core/', 'in memory'],
  ['packages/credentials/', 'in memory'],
  ['packages/hub/', 'real sockets'],
  ['packages/hub/src/app.test.ts', 'in memory, set clock'],
  ['packages/lan/', 'real sockets'],
  ['packages/node/', 'real timers'],
  ['packages/store-idb/', 'real browser'],
  ['packages/store-sqlite/', 'real disk'],
  ['packages/store-sqlite/test/disk-failure.test.ts', 'real process and disk'],
  ['packages/store-sqlite/test/killed.test.ts', 'real process and disk'],
  ['packages/store-sqlite/test/owner.test.ts', 'real process and disk'],
  ['packages/streams/', 'in memory, virtual clock'],
  ['packages/tabs/', 'real browser'],
  ['packages/ws/', 'real sockets'],
  ['test/bad-input/', 'real sockets'],
  ['test/bad-input/test/full-disk.test.ts', 'real sockets and disk'],
  ['test/bad-input/test/store-files.test.ts', 'real disk'],
  ['test/bench/', 'real sockets'],
  ['test/blobs/', 'real sockets'],
  ['test/faults/', 'real processes'],
  ['test/simulation/', 'simulated'],
]

/** The longest path that fits counts. Undefined: nobody has said it yet. */
export function injectionOf(file: string): string | undefined {
  const fitting = means.filter(([path]) => file.startsWith(path))
  return fitting.sort(([one], [other]) => other.length - one.length)[0]?.[1]
}
