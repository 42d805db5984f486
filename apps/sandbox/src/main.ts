/**
 * The sandbox as its own process. Prints one JSON line when it listens, and ends on SIGTERM or SIGINT with code 0 after the
 * calls under way; a test that wants a crash sends SIGKILL.
 */
import { parseArgs } from 'node:util'
import type { Client } from './calls/tokens.ts'
import { defaultSalesforceClient, startSalesforce } from './salesforce/index.ts'
import { defaultSalesforceSettings, type SalesforceSettings } from './salesforce/settings.ts'
import { defaultClient, startSandbox } from './sandbox.ts'
import { defaultSettings, type Settings } from './settings.ts'
import type { Sandbox } from './stand-in.ts'

const { calls, windowMs } = defaultSettings.rateLimit
const usage = `usage: node apps/sandbox/src/main.ts [options]
  --kind K              what it stands in for: crm (default), salesforce
  --port N              API, and the CRM's office page (default 0: any free port)
  --admin-port N        admin side (default 0)
  --file F              SQLite file (default :memory:)
  --client ID:SECRET    an API client; may be repeated (default ${secretOf(defaultClient)};
                        salesforce: ${secretOf(defaultSalesforceClient)})
  --token-seconds N     life of a token (default ${defaultSettings.tokenSeconds}; salesforce: ${defaultSalesforceSettings.sessionSeconds})
  --rate CALLS/MS       rate limit of a client (crm; default ${calls}/${windowMs})
  --daily N             requests of a day (salesforce; default ${defaultSalesforceSettings.dailyRequests})`

class UsageError extends Error {}

function readArguments() {
  try {
    return parseArgs({
      options: {
        kind: { type: 'string', default: 'crm' },
        port: { type: 'string', default: '0' },
        'admin-port': { type: 'string', default: '0' },
        file: { type: 'string', default: ':memory:' },
        client: { type: 'string', multiple: true },
        'token-seconds': { type: 'string' },
        rate: { type: 'string' },
        daily: { type: 'string' },
      },
    }).values
  } catch (cause) {
    throw new UsageError(String(cause))
  }
}

type Arguments = ReturnType<typeof readArguments>

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new UsageError(`--${name} ${value} is no whole number`)
}

function clientOf(text: string): Client {
  const at = text.indexOf(':')
  if (at < 1) throw new UsageError(`--client ${text} is not ID:SECRET`)
  return { clientId: text.slice(0, at), clientSecret: text.slice(at + 1) }
}

function secretOf({ clientId, clientSecret }: Client): string {
  return `${clientId}:${clientSecret}`
}

function start(given: Arguments): Promise<Sandbox> {
  const common = {
    port: wholeNumber('port', given.port),
    adminPort: wholeNumber('admin-port', given['admin-port']),
    file: given.file,
    ...(given.client ? { clients: given.client.map(clientOf) } : {}),
  }
  if (given.kind === 'crm') return startSandbox({ ...common, settings: crmSettings(given) })
  if (given.kind === 'salesforce') return startSalesforce({ ...common, settings: salesforceSettings(given) })
  throw new UsageError(`--kind ${given.kind}: crm and salesforce are there`)
}

function crmSettings(given: Arguments): Partial<Settings> {
  if (given.daily !== undefined) throw new UsageError('--daily is for --kind salesforce')
  const seconds = given['token-seconds']
  const [most = '', within = ''] = given.rate?.split('/') ?? [String(calls), String(windowMs)]
  return {
    ...(seconds !== undefined && { tokenSeconds: wholeNumber('token-seconds', seconds) }),
    rateLimit: { calls: wholeNumber('rate', most), windowMs: wholeNumber('rate', within) },
  }
}

function salesforceSettings(given: Arguments): Partial<SalesforceSettings> {
  if (given.rate !== undefined) throw new UsageError('--rate is for --kind crm')
  const seconds = given['token-seconds']
  return {
    ...(seconds !== undefined && { sessionSeconds: wholeNumber('token-seconds', seconds) }),
    ...(given.daily !== undefined && { dailyRequests: wholeNumber('daily', given.daily) }),
  }
}

async function main(): Promise<void> {
  const sandbox = await start(readArguments())
  const end = () => void sandbox.close()
  process.once('SIGTERM', end)
  process.once('SIGINT', end)
  process.stdout.write(`${JSON.stringify({ ready: true, url: sandbox.url, adminUrl: sandbox.adminUrl })}\n`)
}

main().catch((error) => {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n${usage}\n`)
  process.exitCode = 2
})
