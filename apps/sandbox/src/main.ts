/**
 * The sandbox as its own process. Prints one JSON line when it listens, and ends on SIGTERM or SIGINT with code 0 after the
 * calls under way; a test that wants a crash sends SIGKILL.
 */
import { parseArgs } from 'node:util'
import type { Client } from './calls/tokens.ts'
import { startSandbox } from './sandbox.ts'
import { defaultSettings } from './settings.ts'

const usage = `usage: node apps/sandbox/src/main.ts [options]
  --port N              API and office page (default 0: any free port)
  --admin-port N        admin side (default 0)
  --file F              SQLite file (default :memory:)
  --client ID:SECRET    an API client; may be repeated (default skerry:skerry-sandbox-secret)
  --token-seconds N     life of a token (default ${defaultSettings.tokenSeconds})
  --rate CALLS/MS       rate limit of a client (default ${defaultSettings.rateLimit.calls}/${defaultSettings.rateLimit.windowMs})`

class UsageError extends Error {}

function readArguments() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '0' },
        'admin-port': { type: 'string', default: '0' },
        file: { type: 'string', default: ':memory:' },
        client: { type: 'string', multiple: true },
        'token-seconds': { type: 'string', default: String(defaultSettings.tokenSeconds) },
        rate: {
          type: 'string',
          default: `${defaultSettings.rateLimit.calls}/${defaultSettings.rateLimit.windowMs}`,
        },
      },
    }).values
  } catch (cause) {
    throw new UsageError(String(cause))
  }
}

function wholeNumber(name: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value)
  throw new UsageError(`--${name} ${value} is no whole number`)
}

function clientOf(text: string): Client {
  const at = text.indexOf(':')
  if (at < 1) throw new UsageError(`--client ${text} is not ID:SECRET`)
  return { clientId: text.slice(0, at), clientSecret: text.slice(at + 1) }
}

async function main(): Promise<void> {
  const given = readArguments()
  const [calls = '', windowMs = ''] = given.rate.split('/')
  const sandbox = await startSandbox({
    port: wholeNumber('port', given.port),
    adminPort: wholeNumber('admin-port', given['admin-port']),
    file: given.file,
    ...(given.client ? { clients: given.client.map(clientOf) } : {}),
    settings: {
      tokenSeconds: wholeNumber('token-seconds', given['token-seconds']),
      rateLimit: { calls: wholeNumber('rate', calls), windowMs: wholeNumber('rate', windowMs) },
    },
  })
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
