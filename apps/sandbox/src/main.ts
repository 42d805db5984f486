/**
 * The sandbox as its own process. Prints one JSON line when it listens, and ends on SIGTERM or SIGINT with code 0 after the
 * calls under way; a test that wants a crash sends SIGKILL.
 */
import { parseArgs } from 'node:util'
import type { Client } from './calls/tokens.ts'
import { defaultHubSpotClient, startHubSpot } from './hubspot/index.ts'
import { defaultHubSpotSettings, type HubSpotSettings } from './hubspot/settings.ts'
import { defaultODataClient, type ProfileName, startOData } from './odata/index.ts'
import { defaultODataSettings } from './odata/settings.ts'
import { defaultSalesforceClient, startSalesforce } from './salesforce/index.ts'
import { defaultSalesforceSettings, type SalesforceSettings } from './salesforce/settings.ts'
import { defaultClient, startSandbox } from './sandbox.ts'
import { defaultSettings, type RateLimit, type Settings } from './settings.ts'
import type { Sandbox } from './stand-in.ts'

const { calls, windowMs } = defaultSettings.rateLimit
const odataRate = defaultODataSettings.rateLimit
const usage = `usage: node apps/sandbox/src/main.ts [options]
  --kind K              what it stands in for: crm (default), hubspot, salesforce, sap, dataverse, business-central, odata
  --port N              API, and the CRM's office page (default 0: any free port)
  --admin-port N        admin side (default 0)
  --file F              SQLite file (default :memory:)
  --client ID:SECRET    an API client; may be repeated (default ${secretOf(defaultClient)};
                        hubspot: ${secretOf(defaultHubSpotClient)}; salesforce: ${secretOf(defaultSalesforceClient)};
                        OData: ${secretOf(defaultODataClient)})
  --token-seconds N     life of a token (default ${defaultSettings.tokenSeconds}; hubspot: ${defaultHubSpotSettings.tokenSeconds}; salesforce: ${defaultSalesforceSettings.sessionSeconds})
  --rate CALLS/MS       rate limit of a client (crm, default ${calls}/${windowMs}; OData: ${odataRate.calls}/${odataRate.windowMs})
  --daily N             requests of a day (hubspot: ${defaultHubSpotSettings.dailyCalls}; salesforce: ${defaultSalesforceSettings.dailyRequests})`

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
  if (given.kind === 'crm')
    return startSandbox({ ...common, settings: windowSettings(given, defaultSettings.rateLimit) })
  if (given.kind === 'hubspot') return startHubSpot({ ...common, settings: hubspotSettings(given) })
  if (given.kind === 'salesforce') return startSalesforce({ ...common, settings: salesforceSettings(given) })
  const profile = odataKinds[given.kind]
  if (profile) return startOData({ ...common, profile, settings: windowSettings(given, odataRate) })
  const kinds = ['crm', 'hubspot', 'salesforce', ...Object.keys(odataKinds)].join(', ')
  throw new UsageError(`--kind ${given.kind}: there are ${kinds}`)
}

const odataKinds: Readonly<Record<string, ProfileName>> = {
  sap: 'sap',
  dataverse: 'dataverse',
  'business-central': 'business-central',
  odata: 'plain',
}

/** @param usual unless a rate is given */
function windowSettings(
  given: Arguments,
  usual: RateLimit,
): Partial<Pick<Settings, 'tokenSeconds' | 'rateLimit'>> {
  if (given.daily !== undefined) throw new UsageError('--daily is for --kind hubspot and salesforce')
  const seconds = given['token-seconds']
  const [most = '', within = ''] = given.rate?.split('/') ?? [String(usual.calls), String(usual.windowMs)]
  return {
    ...(seconds !== undefined && { tokenSeconds: wholeNumber('token-seconds', seconds) }),
    rateLimit: { calls: wholeNumber('rate', most), windowMs: wholeNumber('rate', within) },
  }
}

function hubspotSettings(given: Arguments): Partial<HubSpotSettings> {
  if (given.rate !== undefined) throw new UsageError('--rate is not for --kind hubspot')
  const seconds = given['token-seconds']
  return {
    ...(seconds !== undefined && { tokenSeconds: wholeNumber('token-seconds', seconds) }),
    ...(given.daily !== undefined && { dailyCalls: wholeNumber('daily', given.daily) }),
  }
}

function salesforceSettings(given: Arguments): Partial<SalesforceSettings> {
  if (given.rate !== undefined) throw new UsageError('--rate is not for --kind salesforce')
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
