/** How figures, times and names are said. English alone: this panel is for those who make the app. */

const KB = 1_024

export function bytesWords(bytes: number): string {
  if (bytes < KB) return `${bytes} B`
  const [value, unit] = bytes < KB * KB ? [bytes / KB, 'KB'] : [bytes / KB / KB, 'MB']
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`
}

export function countWords(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`
}

/** How long something took, or has been. */
export function spanWords(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.floor(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`
}

/** The time of day, and the day as well where it is another one. */
export function timeWords(at: number | undefined, now: number): string {
  if (at === undefined) return '–'
  const [then, today] = [new Date(at), new Date(now)]
  const clock = then.toLocaleTimeString('en-GB')
  return then.toDateString() === today.toDateString() ? clock : `${dayWords(then)} ${clock}`
}

/** In the zone of whoever looks. */
function dayWords(day: Date): string {
  const [month, date] = [day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, '0'))
  return `${day.getFullYear()}-${month}-${date}`
}

/** The beginning of a hash, an actor or a node: enough to tell two apart. */
export function shortId(id: string | undefined): string {
  if (id === undefined) return '–'
  return id.length > 12 ? `${id.slice(0, 10)}…` : id
}

export function pathWords(path: readonly string[]): string {
  return path.join('.') || '(the record)'
}
