/** Time worked on an order: whole hours, which every office knows, and minutes beside them. Apart from the schema, so that a page can count without loading it. */

const MINUTES_PER_HOUR = 60

export interface WorkTime {
  hours: number
  minutes?: number | undefined
}

/** In minutes. */
export function minutesOf({ hours, minutes = 0 }: WorkTime): number {
  return hours * MINUTES_PER_HOUR + minutes
}

/** Both counters once so many minutes are added, or taken away; minutes stay below an hour. What two people carry over at once adds up all the same. */
export function withMinutes(time: WorkTime, added: number): { hours: number; minutes: number } {
  const total = Math.max(0, minutesOf(time) + added)
  return { hours: Math.floor(total / MINUTES_PER_HOUR), minutes: total % MINUTES_PER_HOUR }
}
