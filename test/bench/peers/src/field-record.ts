/** The records that every contender moves: small, of scalars only, and the same ones for everybody, by seed. */

export interface FieldRecord {
  title: string
  status: string
  site: string
  notes: string
  count: number
}

/** Changing it makes every figure another one. */
const SEED = 20_260_901

const ID_DIGITS = 6
const statuses = ['open', 'planned', 'done', 'billed']
const parts = ['pump', 'valve', 'inverter', 'anemometer', 'filter', 'gearbox', 'breaker', 'sensor']
const deeds = ['replaced', 'cleaned', 'checked', 'tightened', 'calibrated', 'greased']

export function idOf(number: number): string {
  return `r-${String(number).padStart(ID_DIGITS, '0')}`
}

export function numberOf(id: string): number {
  return Number(id.slice('r-'.length))
}

/** Record `number` as it is created. */
export function fieldRecord(number: number): FieldRecord {
  const draw = drawsFrom(SEED + number)
  const [part, other] = [draw(parts), draw(parts)]
  return {
    title: `${part} ${number}`,
    status: draw(statuses),
    site: `site-${number % 40}`,
    notes: `The ${part} was ${draw(deeds)}, the ${other} ${draw(deeds)}.`.padEnd(40, '.'),
    count: -1 - (number % 100),
  }
}

/** What edit `mark`, 0 or more, sets. The mark can be read back: no record is created with a count of 0 or more. */
export function editOf(mark: number): Pick<FieldRecord, 'notes' | 'count'> {
  return { notes: `Came back for the pressure, at ${mark} mbar.`.padEnd(40, '.'), count: mark }
}

/** @throws TypeError when a field is not there or is of another kind */
export function asFieldRecord(value: object): FieldRecord {
  const { title, status, site, notes, count } = value as Record<string, unknown>
  if (
    typeof title === 'string' &&
    typeof status === 'string' &&
    typeof site === 'string' &&
    typeof notes === 'string' &&
    typeof count === 'number'
  )
    return { title, status, site, notes, count }
  throw new TypeError(`not a whole record: ${JSON.stringify(value)}`)
}

export function isSame(one: FieldRecord, other: FieldRecord): boolean {
  return (Object.keys(other) as (keyof FieldRecord)[]).every((field) => one[field] === other[field])
}

/** Mulberry32: small, and good enough to pick words. */
function drawsFrom(seed: number): (from: readonly string[]) => string {
  let state = seed
  return (from) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return from[((mixed ^ (mixed >>> 14)) >>> 0) % from.length]!
  }
}
