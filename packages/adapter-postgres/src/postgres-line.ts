/** One connection by `pg`. Every cell comes as the server's own text, in a session whose settings make that text the same everywhere. */
import { type Cell, type Line, type Rows, type Sql, SqlFailed } from '@skerry/bridge/sql'
import pg from 'pg'
import { failed } from './classify.ts'
import { isNear, type PostgresConfig } from './config.ts'
import { CONNECT_TIMEOUT_MS } from './limits.ts'

const asText = { getTypeParser: () => (text: string | Buffer) => text }

/** @throws SqlFailed when a secret is not there */
export function clientConfigOf(config: PostgresConfig): pg.ClientConfig {
  const { host, port, database, user, tls, allowPlain } = config
  try {
    const password = config.password?.value ?? ''
    const given = { ca: tls.ca?.value, cert: tls.cert?.value, key: tls.key?.value }
    const ssl = Object.fromEntries(Object.entries(given).filter(([, pem]) => pem !== undefined))
    return {
      host,
      port,
      database,
      user,
      // A function, because `pg` would look around for an empty one, in the environment and in the home folder.
      password: () => password,
      ssl: isNear(host) || allowPlain ? false : ssl,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      application_name: config.name,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SqlFailed({ kind: 'unauthorized', reason }, {}, error)
  }
}

/** @throws SqlFailed */
export async function connectLine(config: PostgresConfig): Promise<Line> {
  const line = new PostgresLine(new pg.Client(clientConfigOf(config)))
  await line.open(config.timeoutMs)
  return line
}

class PostgresLine implements Line {
  readonly #client: pg.Client
  #isUp = true

  constructor(client: pg.Client) {
    this.#client = client
    const down = () => {
      this.#isUp = false
    }
    // Of a connection that breaks while nobody uses it; a statement under way is told by its own failure.
    client.on('error', down).on('end', down)
  }

  /** @throws SqlFailed */
  async open(timeoutMs: number): Promise<void> {
    try {
      await this.#client.connect()
      await this.#client.query(`
        SET TIME ZONE 'UTC'; SET datestyle = ISO; SET intervalstyle = iso_8601; SET bytea_output = hex; SET extra_float_digits = 1;
        SET default_transaction_isolation = 'read committed'; SET statement_timeout = ${timeoutMs}; SET lock_timeout = ${timeoutMs >> 1};
        SET idle_in_transaction_session_timeout = ${timeoutMs * 2}`)
    } catch (error) {
      this.end()
      throw failed(error)
    }
  }

  async run(statement: Sql): Promise<Rows> {
    const { text, values } = statement.rendered((number) => `$${number}`)
    try {
      const answer = await this.#client.query<Cell[]>({ text, values, rowMode: 'array', types: asText })
      return { rows: answer.rows, affected: answer.rowCount ?? 0 }
    } catch (error) {
      const failure = failed(error)
      if (failure.nature.lost) this.end()
      throw failure
    }
  }

  isUp(): boolean {
    return this.#isUp
  }

  end(): void {
    this.#isUp = false
    // Whoever waits for a statement hears that it failed; nobody waits for the end itself.
    this.#client.end().catch(() => undefined)
  }

  hold(isHeld: boolean): void {
    // The types of `pg` do not know them, its documentation does.
    const client = this.#client as pg.Client & { ref(): void; unref(): void }
    if (isHeld) client.ref()
    else client.unref()
  }
}
