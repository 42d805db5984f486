/**
 * Installs the peers' packages beside this benchmark, and only when it needs them: the workspace does not know them. Nothing of theirs is built or run at
 * installation (.npmrc); what is native in them comes prebuilt.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Milliseconds for about 300 small packages over a slow line. */
const INSTALL_MS_MAX = 300_000

/** `folder`: where package.json and package-lock.json are. @throws Error when npm fails or does not end in time */
export async function installPeers(folder: string, say: (line: string) => void): Promise<void> {
  const stamp = join(folder, 'node_modules', '.installed')
  const wanted = createHash('sha256')
    .update(await readFile(join(folder, 'package-lock.json')))
    .digest('hex')
  const installed = await readFile(stamp, 'utf8').catch(() => 'nothing')
  if (installed === wanted) return
  say("installing the peers' packages")
  const npm = spawn('npm', ['ci', '--no-progress'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_MS_MAX,
  })
  const [code, signal] = (await once(npm, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new Error(`npm ci of the peers' packages ended with ${signal ?? code}`)
  await writeFile(stamp, wanted)
}

/** Version of an installed package. */
export async function versionOf(folder: string, name: string): Promise<string> {
  const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
