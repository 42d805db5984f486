/** Real readings for tests: the hourly weather normals of Seattle (see apps/demo/data/SOURCE.md), one series a column. */

import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import type { Readings } from '../src/segment.ts'

const FILE = new URL('../../../apps/demo/data/seattle-weather-hourly-normals.csv', import.meta.url)

export const SEATTLE_SERIES = ['pressure', 'temperature', 'wind'] as const

const rows: Record<string, string>[] = parse(readFileSync(FILE), { columns: true })

/** 8,759 readings of one series; the file's local times are read as UTC. */
export function seattleReadings(series: (typeof SEATTLE_SERIES)[number]): Readings {
  return {
    times: Float64Array.from(rows, (row) => Date.parse(`${row.date}Z`)),
    values: Float64Array.from(rows, (row) => Number(row[series])),
  }
}
