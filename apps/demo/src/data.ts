/** The two public data sets of the demo (data/SOURCE.md), read whole: both are small. */
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'

export interface Airport {
  iata: string
  name: string
  city: string
  state: string
  latitude: number
  longitude: number
}

export interface Series {
  /** Milliseconds since 1970. */
  times: number[]
  values: number[]
}

export const quantities = ['pressure', 'temperature', 'wind'] as const
export type Quantity = (typeof quantities)[number]

function rowsOf(file: string): Record<string, string>[] {
  return parse(readFileSync(new URL(`../data/${file}`, import.meta.url)), { columns: true })
}

export function readAirports(): Airport[] {
  return rowsOf('airports.csv').map(
    ({ iata = '', name = '', city = '', state = '', latitude, longitude }) => {
      return { iata, name, city, state, latitude: Number(latitude), longitude: Number(longitude) }
    },
  )
}

/** Hourly, for one year. The file's times have no zone; Seattle's standard time is meant all year round. */
export function readWeather(): Record<Quantity, Series> {
  const rows = rowsOf('seattle-weather-hourly-normals.csv')
  const times = rows.map(({ date }) => Date.parse(`${date}-08:00`))
  const seriesOf = (quantity: Quantity) => ({ times, values: rows.map((row) => Number(row[quantity])) })
  return { pressure: seriesOf('pressure'), temperature: seriesOf('temperature'), wind: seriesOf('wind') }
}
