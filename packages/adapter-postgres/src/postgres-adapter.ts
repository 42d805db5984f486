/** The adapter for PostgreSQL: what SQL databases have in common is `@skerry/bridge/sql`; here it meets the driver, the dialect and the log. */
import type { Call, Hint } from '@skerry/bridge'
import { Calls, Connections, OutboxSource, Reader, SqlAdapter, TimeSource } from '@skerry/bridge/sql'
import { checkConfig, type LogConfig, type PostgresAdapterOptions, type PostgresConfig } from './config.ts'
import { logTableOf } from './decode.ts'
import { listen } from './listening.ts'
import type { Table } from './log-messages.ts'
import { LogSource } from './log-source.ts'
import { postgresDialect } from './postgres-dialect.ts'
import { clientConfigOf, connectLine } from './postgres-line.ts'

/** @throws PostgresConfigError */
export function postgresAdapter(options: PostgresAdapterOptions): SqlAdapter {
  const config = checkConfig(options)
  const { changes } = config
  return changes.by === 'log' ? new HearingAdapter(config, changes) : new SqlAdapter(partsOf(config))
}

function partsOf(config: PostgresConfig) {
  const { name, tables, connectionsMax, timeoutMs, batchRows, calls, changes } = config
  const reader = new Reader(postgresDialect)
  const source =
    changes.by === 'log'
      ? new LogSource(changes)
      : changes.by === 'outbox'
        ? new OutboxSource(reader, changes)
        : new TimeSource(reader, changes)
  return {
    name,
    connections: new Connections(() => connectLine(config), { connectionsMax, timeoutMs }),
    reader,
    tables,
    calls: calls && new Calls(postgresDialect, calls),
    source,
    batchRows,
  }
}

/** Where there is a log, it can be listened to as well. */
class HearingAdapter extends SqlAdapter {
  readonly #config: PostgresConfig
  readonly #log: LogConfig

  constructor(config: PostgresConfig, log: LogConfig) {
    super(partsOf(config))
    this.#config = config
    this.#log = log
  }

  listen(onHint: (hint: Hint) => void, call: Call): Promise<() => Promise<void>> {
    const what = async () => ({
      clientConfig: clientConfigOf(this.#config),
      publication: this.#log.publication,
      tables: await this.withShapes(call, async (shapes, session) => {
        const tables = new Map<string, Table>()
        for (const shape of shapes) tables.set(shape.type, await logTableOf(shape, session))
        return tables
      }),
    })
    return listen(what, onHint, call)
  }
}
