/** What a hub tells Prometheus, in a registry of its own: base units, and no label that names a person, device or record. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** From a commit in memory to a disk that is dying, seconds. */
const COMMIT_SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const updates: (() => void)[] = []
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `skerry_${name}`, help, labelNames, registers })
  return {
    entriesIn: counter('entries_in_total', 'Entries received in sessions.'),
    entriesOut: counter('entries_out_total', 'Entries sent in sessions.'),
    bytesIn: counter('session_bytes_in_total', 'Bytes of messages received in sessions.'),
    bytesOut: counter('session_bytes_out_total', 'Bytes of messages sent in sessions.'),
    presencesIn: counter('presences_in_total', 'Presences received in sessions.'),
    presencesOut: counter('presences_out_total', 'Presences sent in sessions.'),
    presencesDropped: counter(
      'presences_dropped_total',
      'Presences received and dropped, repeated ones too.',
    ),
    sessionsEnded: counter('sessions_ended_total', 'Sessions ended, by close code.', ['code']),
    sessionsSlowed: counter(
      'sessions_slowed_total',
      'Times a device was over its budget, by what of; once a minute at most for each session.',
      ['by'],
    ),
    slowedSeconds: counter(
      'session_slowed_seconds_total',
      'Time in which sessions over their budget were served nothing.',
    ),
    turnedAway: counter(
      'sessions_turned_away_total',
      'Upgrades that were told to come back later because too many sessions began.',
    ),
    refusals: counter('entries_refused_total', 'Entries refused at the door, by code.', ['code']),
    compactions: counter('compactions_total', 'Records whose entries became a snapshot.'),
    compactedBytes: counter('compacted_bytes_total', 'Bytes of entries that snapshots saved.'),
    trialsFailed: counter(
      'trials_failed_total',
      'Trials of heavy records and edits that ended badly, by verdict.',
      ['verdict'],
    ),
    quarantines: counter('quarantines_total', 'Records that went into quarantine, by reason.', ['reason']),
    entriesLost: counter(
      'entries_lost_total',
      'Entries of streams and revocations found damaged in the store.',
    ),
    healed: counter('healed_total', 'Damaged records and entries that came back.'),
    mends: counter('mends_total', 'Mends made to what devices wrote, by rule.', ['rule']),
    equivocations: counter(
      'equivocations_total',
      'Devices found to have written two changes under one sequence, and put into quarantine.',
    ),
    refusedTokens: counter('api_tokens_refused_total', 'Requests to the API without valid proof, by code.', [
      'code',
    ]),
    unreadableAsked: counter(
      'api_unreadable_asked_total',
      'Records that devices asked the API for and may not read.',
    ),
    commitsFailed: counter('store_commits_failed_total', 'Commits that the store refused, by code.', [
      'code',
    ]),
    commitSeconds: new Histogram({
      name: 'skerry_store_commit_seconds',
      help: 'Time until a commit was durable.',
      buckets: COMMIT_SECONDS_BUCKETS,
      registers,
    }),
    /** A value that is read when Prometheus asks. */
    gauge(name: string, help: string, read: () => number | Promise<number>): void {
      new Gauge({
        name: `skerry_${name}`,
        help,
        registers,
        async collect() {
          this.set(await read())
        },
      })
    },
    /** Called before every scrape, to bring counters up to date. */
    beforeScrape(update: () => void): void {
      updates.push(update)
    },
    text(): Promise<string> {
      for (const update of updates) update()
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
}
