/** Packages that are in no registry yet: tarballs in a folder, as `npm run build:packages` makes them. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CreateError } from './create-error.ts'

/** `skerry-store-idb-0.1.0.tgz`, as npm names what it packs. */
const TARBALL = /^skerry-(?<name>[a-z-]+)-\d+\.\d+\.\d+.*\.tgz$/

/** What package.json asks for, by package. @throws CreateError `packages` */
export function findPackages(folder: string): ReadonlyMap<string, string> {
  const files = existsSync(folder) ? readdirSync(folder) : []
  const found = files.flatMap((file) => {
    const name = TARBALL.exec(file)?.groups?.name
    return name === undefined ? [] : [[`@skerry/${name}`, `file:${join(folder, file)}`] as const]
  })
  if (found.length > 0) return new Map(found)
  throw new CreateError(
    'packages',
    `--packages ${folder}: there is no skerry-*.tgz in it; make them by npm run build:packages`,
  )
}
