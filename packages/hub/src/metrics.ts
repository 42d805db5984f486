/** What a hub tells Prometheus, in a registry of its own: base units, and no label that names a person, device or record. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** From a commit in memory to a disk that is dying, seconds. */
const COMMIT_SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

/** Read when Prometheus asks. */
export interface Gauged {
  sessions(): number
  head(): number
  size(): Promise<{ records: number; bytes: number }>
}

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics(gauged: Gauged) {
  const registers = [new Registry()]
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `skerry_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `skerry_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  let size = { records: 0, bytes: 0 }
  gauge('sessions_open', 'Sessions that are open now.', gauged.sessions)
  gauge('log_head', 'Highest sequence of the log.', gauged.head)
  gauge('records', 'Records held.', () => size.records)
  gauge('store_bytes', 'Size of the store.', () => size.bytes)
  return {
    entriesIn: counter('entries_in_total', 'Entries received in sessions.'),
    entriesOut: counter('entries_out_total', 'Entries read to be sent in sessions.'),
    bytesIn: counter('session_bytes_in_total', 'Bytes of messages received in sessions.'),
    bytesOut: counter('session_bytes_out_total', 'Bytes of messages sent in sessions.'),
    sessionsEnded: counter('sessions_ended_total', 'Sessions ended, by close code.', ['code']),
    refusals: counter('entries_refused_total', 'Entries refused at the door, by code.', ['code']),
    mends: counter('mends_total', 'Mends made to what devices wrote, by rule.', ['rule']),
    refusedTokens: counter('api_tokens_refused_total', 'Requests to the API without valid proof, by code.', [
      'code',
    ]),
    commitsFailed: counter('store_commits_failed_total', 'Commits the store refused, by code.', ['code']),
    commitSeconds: new Histogram({
      name: 'skerry_store_commit_seconds',
      help: 'Time until a commit was durable.',
      buckets: COMMIT_SECONDS_BUCKETS,
      registers,
    }),
    async text(): Promise<string> {
      size = await gauged.size()
      return registers[0]!.metrics()
    },
    contentType: registers[0]!.contentType,
  }
}
