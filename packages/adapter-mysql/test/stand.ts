/** A MariaDB for one test file: a server of its own, a proxy with faults in front of it, and somebody else at work there. */
import { LineProxy, type MariaDb, startMariaDb } from '@skerry/systems'
import mysql from 'mysql2/promise'

const USER = 'skerry_adapter'

export class Stand {
  readonly mariaDb: MariaDb
  /** What adapters connect to. */
  readonly proxy: LineProxy
  readonly #office: mysql.Connection

  private constructor(mariaDb: MariaDb, proxy: LineProxy, office: mysql.Connection) {
    this.mariaDb = mariaDb
    this.proxy = proxy
    this.#office = office
  }

  static async start(): Promise<Stand> {
    // Triggers of others read without locks then, and nobody waits for them.
    const settings = {
      'log-bin': 'binlog',
      'binlog-format': 'ROW',
      'transaction-isolation': 'READ-COMMITTED',
    }
    const mariaDb = await startMariaDb({ settings })
    const { host, port } = mariaDb
    const proxy = await LineProxy.start({ host, port })
    const stand = new Stand(mariaDb, proxy, await connected(mariaDb))
    await stand.sql(`CREATE USER ${USER}@'127.0.0.1'`)
    await stand.sql(`GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO ${USER}@'127.0.0.1'`)
    await stand.sql(`GRANT ALL ON skerry.* TO ${USER}@'127.0.0.1'`)
    return stand
  }

  /** Where adapters find it. */
  get address() {
    return { host: '127.0.0.1', port: this.proxy.port, database: this.mariaDb.database, user: USER }
  }

  /** As somebody who may do everything, past the proxy. */
  async sql(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const [rows] = await this.#office.query(statement, [...values])
    return Array.isArray(rows)
      ? (rows as Record<string, unknown>[])
      : [rows as unknown as Record<string, unknown>]
  }

  async run(statements: readonly string[]): Promise<void> {
    for (const statement of statements) await this.sql(statement)
  }

  /** Somebody else, with a transaction of their own. */
  colleague(): Promise<mysql.Connection> {
    return connected(this.mariaDb)
  }

  /** Resolves once somebody waits for a row that another one holds. */
  async someoneWaits(): Promise<void> {
    for (let waiters = '0'; waiters === '0'; ) {
      const [status] = await this.sql(`SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'`)
      waiters = String(status?.Value)
    }
  }

  /** Nobody is let in as the adapter's user any more, nor stays. */
  async lockOut(): Promise<void> {
    await this.sql(`ALTER USER ${USER}@'127.0.0.1' ACCOUNT LOCK`)
    await this.sql(`KILL CONNECTION USER ${USER}`)
  }

  async letIn(): Promise<void> {
    await this.sql(`ALTER USER ${USER}@'127.0.0.1' ACCOUNT UNLOCK`)
  }

  /** What was written to the log so far is gone from it, once nobody reads or needs it any more. */
  async purgeLogs(): Promise<void> {
    await this.sql('FLUSH BINARY LOGS')
    for (let isPurged = false; !isPurged; ) {
      const logs = await this.sql('SHOW BINARY LOGS')
      isPurged = logs.length === 1
      await this.sql(`PURGE BINARY LOGS TO '${logs.at(-1)?.Log_name}'`)
    }
  }

  async close(): Promise<void> {
    this.#office.destroy()
    await this.proxy.close()
    await this.mariaDb.close()
  }
}

function connected({ host, port, user, database }: MariaDb): Promise<mysql.Connection> {
  return mysql.createConnection({ host, port, user, database, timezone: 'Z', supportBigNumbers: true })
}

/** The file's stand, started by whoever wants it first. */
export function lazyStand(): { get(): Promise<Stand>; close(): Promise<void> } {
  let started: Promise<Stand> | undefined
  return {
    get: () => {
      started ??= Stand.start()
      return started
    },
    close: async () => (await started)?.close(),
  }
}
