/**
 * Hints from a stream of the log, through a slot that lives as long as its connection (SPEC PG-30). It may miss what happens while it is away: `changes` has slots of its own and finds it.
 */
import { randomBytes } from 'node:crypto'
import type { Call, Hint } from '@skerry/bridge'
import { idOf, listening, type Stream } from '@skerry/bridge/sql'
import type pg from 'pg'
import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from 'pg-logical-replication'
import { eventsOf, LogMessages, type Table } from './log-messages.ts'

export interface Heard {
  clientConfig: pg.ClientConfig
  publication: string
  /** By type. */
  tables: ReadonlyMap<string, Table>
}

/** @param what asked anew for each connection @returns once it hears, with what ends it @throws Error when it cannot begin */
export function listen(
  what: () => Promise<Heard>,
  onHint: (hint: Hint) => void,
  call: Call,
): Promise<() => Promise<void>> {
  return listening(async (signal) => streamed(await what(), onHint, signal), call)
}

/** @returns once it hears @throws Error when it cannot */
async function streamed(
  { clientConfig, publication, tables }: Heard,
  onHint: (hint: Hint) => void,
  signal: AbortSignal,
): Promise<Stream> {
  const service = new LogicalReplicationService(clientConfig)
  const broken = new Promise<unknown>((resolve) => service.on('error', resolve))
  const started = new Promise<'started'>((resolve) => service.on('start', () => resolve('started')))
  service.on('data', (_, message: Pgoutput.Message) => {
    if (!signal.aborted) for (const hint of hintsOf(message, tables)) onHint(hint)
  })
  const slot = `skerry_listen_${randomBytes(8).toString('hex')}`
  const plugin = new PassingStream({ protoVersion: 1, publicationNames: [publication] })
  const aborted = new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', resolve, { once: true })
  })
  const over = Promise.race([
    service.subscribe(plugin, slot).then(nothing, (error: unknown) => error),
    broken,
    aborted,
  ])
  const ended = over.then(() => service.destroy()).then(nothing)
  if ((await Promise.race([started, over])) === 'started') return { ended }
  await ended
  throw await over
}

function nothing(): undefined {
  return undefined
}

function hintsOf(message: Pgoutput.Message, tables: Heard['tables']): Hint[] {
  return [...tables].flatMap(([type, table]) =>
    eventsOf(message, table).flatMap((event) =>
      event.kind === 'told' ? [{ type, id: idOf(event.told.key) }] : [],
    ),
  )
}

/** Begins with a slot that ends with the connection. */
class PassingStream extends PgoutputPlugin {
  readonly #messages = new LogMessages()

  override parse(buffer: Buffer): Pgoutput.Message {
    return this.#messages.parse(buffer)
  }

  override async start(client: pg.Client, slot: string, lsn: string): Promise<unknown> {
    await client.query(`CREATE_REPLICATION_SLOT "${slot}" TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`)
    return super.start(client, slot, lsn)
  }
}
