/** Real readings for tests: the hourly weather normals of Seattle (see apps/demo/data/SOURCE.md), one series a column. */

import { readFileSync } from 'node:fs'
import type { Readings } from '../src/segment.ts'

const FILE = new URL('../../../apps/demo/data/seattle-weather-hourly-normals.csv', import.meta.url)

export const SEATTLE_SERIES = ['pressure', 'temperature', 'wind'] as const

/** 8,759 readings of one series; the file's local times are read as UTC. */
export function seattleReadings(series: (typeof SEATTLE_SERIES)[number]): Readings {
  const [head = '', ...rows] = readFileSync(FILE, 'utf8').trimEnd().split('\n')
  const column = head.split(',').indexOf(series)
  const cells = rows.map((row) => row.split(','))
  return {
    times: Float64Array.from(cells, (row) => Date.parse(`${row[0]}Z`)),
    values: Float64Array.from(cells, (row) => Number(row[column])),
  }
}
