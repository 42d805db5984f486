/** `npm install` in the new app, with what it says shown as it is. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { CreateError } from './create-error.ts'

/** @throws CreateError `install` */
export async function install(app: string): Promise<void> {
  // Ctrl-C ends npm, and what is there is told; also in the moment in which npm starts.
  const interrupted = () => undefined
  process.on('SIGINT', interrupted)
  const isWindows = process.platform === 'win32'
  // There npm is a script, which only a shell runs; no word of it comes from anybody.
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: app,
    stdio: 'inherit',
    shell: isWindows,
  })
  const code = await once(npm, 'exit')
    .then(
      ([ended]) => ended as number | null,
      (cause) => failed(app, `npm cannot be started: ${(cause as Error).message}`),
    )
    .finally(() => process.off('SIGINT', interrupted))
  if (code !== 0) failed(app, `npm install ended with ${code ?? 'a signal'}`)
}

function failed(app: string, why: string): never {
  throw new CreateError(
    'install',
    `${why}; the app is in ${app}: when the reason is gone, run npm install there`,
  )
}
