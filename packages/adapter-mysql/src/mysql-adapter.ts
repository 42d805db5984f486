/** The adapter for MySQL and MariaDB: what SQL databases have in common is `@skerry/bridge/sql`; here it meets the driver, the dialect and the log. */
import type { Call, Hint } from '@skerry/bridge'
import {
  Calls,
  Connections,
  idOf,
  listening,
  OutboxSource,
  Reader,
  SqlAdapter,
  type Stream,
  TimeSource,
} from '@skerry/bridge/sql'
import { keyIn, type LogTable, type Place, stream } from './binlog.ts'
import { BinlogSource, logTableOf } from './binlog-source.ts'
import { checkConfig, type MysqlAdapterOptions, type MysqlConfig } from './config.ts'
import { mysqlDialect } from './mysql-dialect.ts'
import { addressOf, connectLine } from './mysql-line.ts'

/** @throws MysqlConfigError */
export function mysqlAdapter(options: MysqlAdapterOptions): SqlAdapter {
  const config = checkConfig(options)
  const { changes, timeoutMs } = config
  const reader = new Reader(mysqlDialect)
  if (changes.by === 'log')
    return new HearingAdapter(config, reader, new BinlogSource(() => addressOf(config), timeoutMs))
  const source = changes.by === 'outbox' ? new OutboxSource(reader, changes) : new TimeSource(reader, changes)
  return new SqlAdapter({ ...partsOf(config), reader, source })
}

function partsOf(config: MysqlConfig) {
  const { name, tables, connectionsMax, timeoutMs, batchRows, calls } = config
  return {
    name,
    connections: new Connections(() => connectLine(config), { connectionsMax, timeoutMs }),
    tables,
    calls: calls && new Calls(mysqlDialect, calls),
    batchRows,
  }
}

/** Where there is a log, it can be listened to as well. */
class HearingAdapter extends SqlAdapter {
  readonly #config: MysqlConfig
  readonly #source: BinlogSource

  constructor(config: MysqlConfig, reader: Reader, source: BinlogSource) {
    super({ ...partsOf(config), reader, source })
    this.#config = config
    this.#source = source
  }

  listen(onHint: (hint: Hint) => void, call: Call): Promise<() => Promise<void>> {
    return listening((signal) => this.#begin(onHint, { ...call, signal }), call)
  }

  /** A stream for each table, from where the log ends now. @throws SqlFailed */
  async #begin(onHint: (hint: Hint) => void, call: Call): Promise<Stream> {
    const { from, tables } = await this.withShapes(call, async (shapes, session) => {
      const tables = new Map<string, LogTable>()
      for (const shape of shapes) tables.set(shape.type, await logTableOf(shape, session))
      return { from: await this.#source.end(session), tables }
    })
    const streams = [...tables].map(([type, table]) => this.#hear(type, table, from, onHint, call.signal))
    await Promise.all(streams.map(({ ready }) => ready))
    return { ended: Promise.all(streams.map(({ ended }) => ended)).then(() => undefined) }
  }

  #hear(
    type: string,
    table: LogTable,
    from: Place,
    onHint: (hint: Hint) => void,
    signal: AbortSignal,
  ): { ready: Promise<void>; ended: Promise<void> } {
    const started = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const end = () => {
      stop()
      started.resolve()
      over.resolve()
    }
    const stop = stream(addressOf(this.#config), from, table, {
      ready: started.resolve,
      // Hints may be lost: it begins again, and the poll finds what was not heard.
      error: end,
      event: (event) => {
        if (!('rows' in event)) return
        for (const row of event.rows) {
          const now =
            'after' in row && typeof row.after === 'object' ? (row.after as Record<string, unknown>) : row
          onHint({ type, id: idOf(keyIn(table, now)) })
        }
      },
    })
    signal.addEventListener('abort', end, { once: true })
    return { ready: started.promise, ended: over.promise }
  }
}
