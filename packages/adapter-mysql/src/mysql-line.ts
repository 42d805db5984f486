/** One connection by `mysql2`. Every cell comes as the server's own text, in a session whose settings make that text the same everywhere. */
import type { Socket } from 'node:net'
import { type Cell, type Line, type Rows, type Sql, SqlFailed } from '@skerry/bridge/sql'
import mysql from 'mysql2/promise'
import { failed } from './classify.ts'
import { isNear, type MysqlConfig } from './config.ts'
import { CONNECT_TIMEOUT_MS } from './limits.ts'

/** What both drivers, the one of statements and the one of the log, want to know. */
export interface Address {
  host: string
  port: number
  user: string
  password: string
  ssl?: { ca?: string; cert?: string; key?: string }
}

/** @throws SqlFailed when a secret is not there */
export function addressOf({ host, port, user, password, tls, allowPlain }: MysqlConfig): Address {
  try {
    const given = { ca: tls.ca?.value, cert: tls.cert?.value, key: tls.key?.value }
    const ssl = Object.fromEntries(Object.entries(given).filter(([, pem]) => pem !== undefined))
    const address = { host, port, user, password: password?.value ?? '' }
    return isNear(host) || allowPlain ? address : { ...address, ssl }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new SqlFailed({ kind: 'unauthorized', reason }, {}, error)
  }
}

/** @throws SqlFailed */
export async function connectLine(config: MysqlConfig): Promise<Line> {
  const address = addressOf(config)
  let connection: mysql.Connection | undefined
  try {
    connection = await mysql.createConnection({
      ...address,
      database: config.database,
      connectTimeout: CONNECT_TIMEOUT_MS,
      enableKeepAlive: true,
      timezone: 'Z',
      typeCast: (field) => field.string(),
    })
    const lockSeconds = Math.max(1, Math.floor(config.timeoutMs / 2_000))
    for (const setting of [
      // Backslashes escape, always: the driver writes texts that way.
      `sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'`,
      `time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = ${lockSeconds}`,
      'TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ])
      await connection.query(`SET SESSION ${setting}`)
    return new MysqlLine(connection)
  } catch (error) {
    connection?.destroy()
    throw failed(error)
  }
}

class MysqlLine implements Line {
  readonly #connection: mysql.Connection
  /** The driver leaves statements of a connection that was ended without an answer. */
  readonly #ended = Promise.withResolvers<never>()
  #isUp = true

  constructor(connection: mysql.Connection) {
    this.#connection = connection
    const down = () => {
      this.#isUp = false
    }
    // Of a connection that breaks while nobody uses it; a statement under way is told by its own failure.
    // Nobody may be waiting.
    this.#ended.promise.catch(() => undefined)
    connection.on('error', down)
    connection.on('end', down)
  }

  async run(statement: Sql): Promise<Rows> {
    const { text } = statement.rendered((_, value) => mysql.escape(value))
    try {
      const asked = this.#connection.query({ sql: text, rowsAsArray: true })
      const [answer] = await Promise.race([asked, this.#ended.promise])
      if (Array.isArray(answer)) return { rows: answer as unknown as Cell[][], affected: 0 }
      return { rows: [], affected: answer.affectedRows }
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
    this.#connection.destroy()
    this.#ended.reject(new Error('the connection was ended'))
  }

  hold(isHeld: boolean): void {
    // Not among the types of the driver, and the only way to its socket.
    const { connection } = this.#connection as unknown as { connection: { stream: Socket } }
    if (isHeld) connection.stream.ref()
    else connection.stream.unref()
  }
}
