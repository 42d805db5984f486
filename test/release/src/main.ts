/** `npm run build:packages -- <folder>`: every package as the tarball that a registry would serve. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { commandLine } from '@skerry/command-line'
import { packAll } from './pack.ts'

const root = join(import.meta.dirname, '../../..')
const usage = `npm run build:packages -- [folder]

  folder   where the tarballs go; else node_modules/.cache/packages
`

const folder = commandLine(usage, (words) => {
  const [folder, ...more] = parseArgs({ args: [...words], allowPositionals: true }).positionals
  if (more.length > 0) throw new TypeError(`one folder is wanted; '${more.join(' ')}' is too much`)
  return resolve(folder ?? join(root, 'node_modules/.cache/packages'))
})

const tarballs = await packAll(root, folder)
console.log(`${tarballs.length} packages in ${folder}`)
