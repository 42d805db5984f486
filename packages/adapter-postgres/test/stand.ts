/** A PostgreSQL for one test file: a server of its own, a proxy with faults in front of it, and somebody else at work there. */
import { LineProxy, type Postgres, startPostgres } from '@skerry/systems'
import pg from 'pg'

const DATABASE = 'postgres'
export const ROLE = 'skerry_adapter'

export class Stand {
  readonly postgres: Postgres
  /** What adapters connect to. */
  readonly proxy: LineProxy
  readonly #office: pg.Client

  private constructor(postgres: Postgres, proxy: LineProxy, office: pg.Client) {
    this.postgres = postgres
    this.proxy = proxy
    this.#office = office
  }

  static async start(): Promise<Stand> {
    // What was committed must be in the log at once: that is what adapters read.
    const settings = { wal_level: 'logical', synchronous_commit: 'on', max_replication_slots: '20' }
    const postgres = await startPostgres({ settings })
    const { host, port } = postgres
    const proxy = await LineProxy.start({ host, port })
    const stand = new Stand(postgres, proxy, await connected(postgres))
    await stand.sql(`CREATE ROLE ${ROLE} LOGIN REPLICATION`)
    return stand
  }

  /** Where adapters find it. */
  get address() {
    return { host: '127.0.0.1', port: this.proxy.port, database: DATABASE, user: ROLE }
  }

  /** As a superuser, past the proxy. */
  async sql(statement: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#office.query(statement, values.length === 0 ? undefined : [...values])).rows ?? []
  }

  /** Somebody else, with a transaction of their own. */
  colleague(): Promise<pg.Client> {
    return connected(this.postgres)
  }

  async dropSlots(): Promise<void> {
    await this.sql('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active')
  }

  async close(): Promise<void> {
    await this.#office.end()
    await this.proxy.close()
    await this.postgres.close()
  }
}

async function connected({ host, port, user }: Postgres): Promise<pg.Client> {
  const client = new pg.Client({ host, port, user, database: DATABASE })
  client.on('error', () => undefined) // its server is ended at the end of a file
  await client.connect()
  return client
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
