/** What the bridges of a node tell Prometheus, in its text format: base units, and no label that names a person or a record. */
import type { BridgeStats } from '@skerry/bridge'
import type { StatusOfSystem } from './status-of-system.ts'

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number]

interface Family {
  name: string
  type: 'gauge' | 'counter'
  help: string
  samples: readonly Sample[]
}

export function bridgeMetrics(systems: readonly StatusOfSystem[]): string {
  return `${families(systems).map(written).join('\n')}\n`
}

/** States of items, by the member of the stats that counts them. */
const states = ['open', 'begun', 'dead', 'held', 'deferred', 'parked', 'paused', 'contended'] as const

function families(systems: readonly StatusOfSystem[]): Family[] {
  const running = systems.filter((one) => one.running)
  const each = (read: (stats: BridgeStats) => number): Sample[] =>
    running.map(({ system, stats }) => [{ system }, read(stats)])
  return [
    {
      name: 'bridge_running',
      type: 'gauge',
      help: 'Whether this node acts for the system just now.',
      samples: systems.map(({ system, running: is }) => [{ system }, Number(is)]),
    },
    {
      name: 'bridge_mappings_paused',
      type: 'gauge',
      help: "Mappings that are paused, because they do not fit the system's schema.",
      samples: each(({ mappingsPaused }) => mappingsPaused),
    },
    {
      name: 'bridge_mapping_paused_since_seconds',
      type: 'gauge',
      help: 'When a mapping that is paused was paused, in seconds since 1970.',
      samples: running.flatMap(({ system, paused }) =>
        paused.map(({ collection, type, since }): Sample => [{ system, collection, type }, since / 1_000]),
      ),
    },
    {
      name: 'bridge_items',
      type: 'gauge',
      help: 'Records in the outbox, by state; one may be in several.',
      samples: running.flatMap(({ system, stats }) =>
        states.map((state): Sample => [{ system, state }, stats[state]]),
      ),
    },
    {
      name: 'bridge_lag_seconds',
      type: 'gauge',
      help: 'Age of the oldest edit that waits to be written, by tier.',
      samples: running.flatMap(({ system, stats }) =>
        Object.entries(stats.tiers).map(([tier, { lagMs }]): Sample => [{ system, tier }, lagMs / 1_000]),
      ),
    },
    {
      name: 'bridge_reviews',
      type: 'gauge',
      help: 'Records of which something waits for a person.',
      samples: each(({ reviews }) => reviews),
    },
    {
      name: 'bridge_rows_unread',
      type: 'gauge',
      help: 'Rows of the system that could not be taken in.',
      samples: each(({ unread }) => unread),
    },
    {
      name: 'bridge_walks',
      type: 'gauge',
      help: 'Types of which a comparison is due or under way.',
      samples: each(({ walks }) => walks),
    },
    {
      name: 'bridge_silent_seconds',
      type: 'gauge',
      help: 'Time since a poll came to its end or a push came.',
      samples: each(({ silentMs }) => silentMs / 1_000),
    },
    {
      name: 'bridge_write_calls_total',
      type: 'counter',
      help: 'Calls that write, since the bridge was started.',
      samples: each(({ callsMade }) => callsMade),
    },
  ]
}

function written({ name, type, help, samples }: Family): string {
  const full = `skerry_${name}`
  const lines = samples.map(([labels, value]) => `${full}{${labelled(labels)}} ${value}`)
  return [`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, ...lines].join('\n')
}

function labelled(labels: Labels): string {
  return Object.entries(labels)
    .map(
      ([name, value]) =>
        `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`,
    )
    .join(',')
}
