/** `npm run create-app -- ../my-app`: what `npm create skerry` will do, with the packages of this workspace instead of published ones. They are packed once it is known that an app can be made. */
import { join } from 'node:path'
import { runCommand } from 'create-skerry'
import { packAll } from './pack.ts'

const root = join(import.meta.dirname, '../../..')

await runCommand({
  packed: async () => {
    // Beside the app's own, they would be one folder more to explain; npm keeps what it has read of them in its cache.
    const packages = join(root, 'node_modules/.cache/packages')
    await packAll(root, packages)
    return packages
  },
})
