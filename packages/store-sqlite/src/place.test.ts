import { describe, expect, it } from 'vitest'
import { judge, type Place } from './place.ts'
import { newSidecar } from './sidecar.ts'

const known = 'aa'.repeat(16)
const here: Place = { machine: 'm1', host: 'h1', path: '/data/log.db', inode: 12, bornAt: 1000 }
const container: Place = { host: 'c1', path: '/data/log.db', inode: 12, bornAt: 1000 }
const other = { inode: 13, bornAt: 2000 }
const knows = { runs: [known], head: 5 }
const fits = newSidecar('log', known, 5)
const later = newSidecar('log', 'bb'.repeat(16), 9)
const longer = newSidecar('log', known, 6)

describe('judge', () => {
  const cases: [what: string, was: Place, is: Place, sidecar: typeof fits | undefined, verdict: string][] = [
    ['nothing changed', here, here, fits, 'here'],
    ['the sidecar was deleted', here, here, undefined, 'here'],
    [
      'the sidecar is of an earlier open that crashed before writing its own',
      here,
      here,
      newSidecar('log', known, 2),
      'here',
    ],
    ['the file was renamed', here, { ...here, path: '/data/new.db' }, undefined, 'here'],
    ['another mount point of the same file', here, { ...here, path: '/mnt/log.db' }, fits, 'here'],
    ['replaced by an equal file', here, { ...here, ...other }, fits, 'here'],
    ['the machine was renamed', here, { ...here, host: 'h2' }, fits, 'here'],
    ['machine renamed and file replaced by its equal', here, { ...here, host: 'h2', ...other }, fits, 'here'],
    ['a container with a new name on the same volume', container, { ...container, host: 'c2' }, fits, 'here'],
    ['the same container on a restored volume', container, { ...container, ...other }, later, 'restored'],
    ['an older file in the same place', here, here, later, 'restored'],
    ['the same run, but fewer entries', here, here, longer, 'restored'],
    [
      'another file in the same place, and nothing says that it is as new',
      here,
      { ...here, ...other },
      undefined,
      'restored',
    ],
    ['another path, another file', here, { ...here, path: '/other/log.db', ...other }, fits, 'copied'],
    [
      'another machine, all else equal, as in a cloned disk image',
      here,
      { ...here, machine: 'm2' },
      fits,
      'copied',
    ],
    [
      'another container on a copied volume',
      container,
      { ...container, host: 'c2', ...other },
      fits,
      'copied',
    ],
    ['from a machine into a container', here, { ...container, ...other }, fits, 'copied'],
  ]
  for (const [what, was, is, sidecar, verdict] of cases) {
    it(`${verdict}: ${what}`, () => expect(judge(was, is, sidecar, knows)).toBe(verdict))
  }
})
