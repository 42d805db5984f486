/** `npm run create-app -- ../my-app`: what `npm create skerry` will do, with the packages of this workspace instead of published ones. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { packAll } from './pack.ts'

const root = join(import.meta.dirname, '../../..')
const main = join(root, 'packages/create-skerry/src/main.ts')
const words = process.argv.slice(2)

/** Beside the app's own, they would be one folder more to explain; npm keeps what it has read of them in its cache. */
const packages = join(root, 'node_modules/.cache/packages')
await packAll(root, packages)
const { status } = spawnSync(process.execPath, [main, ...words, '--packages', packages], { stdio: 'inherit' })
process.exitCode = status ?? 1
