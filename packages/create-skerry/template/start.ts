/** `npm start`: builds the page, starts the hub that serves it, and makes a way in for two devices. Ctrl-C ends it. */
import { CliError, loadConfig } from '@skerry/cli'
import { StoreError } from '@skerry/core'
import { adminTokenPath, type Hub, HubError, readSecret, startHub } from '@skerry/hub'
import { build } from 'vite'

try {
  const { config } = await loadConfig(undefined, import.meta.dirname)
  await build({ logLevel: 'warn' })
  const hub = await startHub(config)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void hub.close())
  console.log(await welcome(hub, config.hub?.store))
} catch (error) {
  if (!(error instanceof CliError || error instanceof HubError || error instanceof StoreError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

/** A browser takes two names of this machine for two sites: each window has its own data, as two devices have. */
async function welcome({ url }: Hub, store = 'hub.db'): Promise<string> {
  const names = [url.replace('127.0.0.1', 'localhost'), url]
  const token = await readSecret(adminTokenPath(store))
  const codes = await Promise.all(names.map((_, at) => enrolmentCode(url, token, `device-${at + 1}`)))
  const links = names.map((name, at) => `  ${name}/#enrol=${codes[at]}`)
  return `
Open these in two windows. Each link signs its window in, and works once.

${links.join('\n')}

What one window adds, the other shows. Ctrl-C stops the hub; the windows go on without it.`
}

async function enrolmentCode(hub: string, token: string | undefined, subject: string): Promise<string> {
  // Not before the config is loaded: that tells what is wrong in this file.
  const { TEAM } = await import('./src/collections.ts')
  const response = await fetch(`${hub}/api/v1/enrolments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token?.trim()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ subject, read: [TEAM], write: [TEAM] }),
  })
  if (!response.ok) throw new Error(`an enrolment code for ${subject}: ${await response.text()}`)
  return ((await response.json()) as { code: string }).code
}
