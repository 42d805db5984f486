/** `npm run build:packages -- <folder>`: every package as the tarball that a registry would serve. */
import { join, resolve } from 'node:path'
import { packAll } from './pack.ts'

const root = join(import.meta.dirname, '../../..')
const folder = resolve(process.argv[2] ?? join(root, 'node_modules/.cache/packages'))

const tarballs = await packAll(root, folder)
console.log(`${tarballs.length} packages in ${folder}`)
