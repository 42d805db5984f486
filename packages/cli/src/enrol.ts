/** What `skerry enrol` does: lets a running hub make an enrolment code, and shows it as letters, as a link and, to people, as QR. */
import { renderUnicodeCompact } from 'uqr'
import { findAdminToken } from './admin-token.ts'
import { CliError } from './cli-error.ts'
import { callHub } from './hub-client.ts'
import { findConfig, loadConfig } from './load-config.ts'
import type { Terminal } from './terminal.ts'

export interface EnrolOptions {
  subject: string
  read: readonly string[]
  write: readonly string[]
  systems: readonly string[]
  minutes?: number
  days?: number
  renew: boolean
  app?: string
  hub?: string
  config?: string
  store?: string
  adminTokenFile?: string
  json?: boolean
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** Where `skerry hub` listens when nothing says otherwise. */
const HUB_PORT_DEFAULT = 7070
const HUB_STORE_DEFAULT = 'hub.db'

export async function enrol(options: EnrolOptions, terminal: Terminal): Promise<void> {
  const { subject, read, write, systems, renew, minutes, days } = options
  const { hub, app, store } = await placesOf(options, terminal)
  const token = { ...(store && { store }), ...options }
  const made = (await callHub(
    { url: hub, adminToken: await findAdminToken(terminal, token) },
    'POST',
    '/api/v1/enrolments',
    {
      subject,
      read,
      write,
      systems,
      renew,
      ...(minutes !== undefined && { validMs: minutes * MINUTE_MS }),
      ...(days !== undefined && { lifeMs: days * DAY_MS }),
    },
  )) as { code: string; usableUntil: string }
  // In the fragment, which no browser sends and no server logs.
  const link = `${app.replace(/\/?$/, '/')}#enrol=${made.code}`
  if (options.json) return terminal.print(JSON.stringify({ ...made, link }))
  if (terminal.isTty) terminal.note(renderUnicodeCompact(link))
  terminal.print(`${made.code}\n${link}`)
  terminal.note(`for ${subject}, once, until ${made.usableUntil}`)
}

async function placesOf(
  options: EnrolOptions,
  terminal: Terminal,
): Promise<{ hub: string; app: string; store: string | undefined }> {
  const hasConfig = findConfig(options.config, terminal.folder) !== undefined
  const settings = hasConfig ? (await loadConfig(options.config, terminal.folder)).config.hub : undefined
  if (options.hub === undefined && settings?.port === 0)
    throw new CliError(
      'usage',
      "enrol: the config's port is 0, any free one; say --hub with the address that the hub logged",
    )
  const here = `http://127.0.0.1:${settings?.port ?? HUB_PORT_DEFAULT}`
  const hub = options.hub ?? here
  const app = options.app ?? settings?.publicUrl ?? hub
  if (!URL.canParse(app))
    throw new CliError('usage', `--app ${app}: want an address like https://hub.example`)
  // The token of another machine's hub is in no store of this one.
  const store =
    options.store ?? (options.hub === undefined ? (settings?.store ?? HUB_STORE_DEFAULT) : undefined)
  return { hub, app, store }
}
