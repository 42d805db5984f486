/** Which orders the list shows, and in which order. Status, priority and state are looked up by index; words are looked for in what that finds. */
import type { LiveQuery } from '@skerry/live'
import { ORDERS, type Order, priorities, statuses } from './order.ts'

export const sortings = ['due', 'priority', 'title'] as const

export interface OrderFilter {
  words: string
  status: Order['status'] | undefined
  priority: Order['priority'] | undefined
  state: string | undefined
  sort: (typeof sortings)[number]
}

function oneOf<Name extends string>(names: readonly Name[], text: string | null): Name | undefined {
  return names.find((name) => name === text)
}

export function filterOf(search: URLSearchParams): OrderFilter {
  return {
    words: search.get('q') ?? '',
    status: oneOf(statuses, search.get('status')),
    priority: oneOf(priorities, search.get('priority')),
    state: search.get('state') ?? undefined,
    sort: oneOf(sortings, search.get('sort')) ?? 'due',
  }
}

export function searchOf({ words, status, priority, state, sort }: OrderFilter): URLSearchParams {
  const named = { q: words, status, priority, state, sort: sort === 'due' ? undefined : sort }
  const set = Object.entries(named).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return new URLSearchParams(set)
}

export function isFiltered({ words, status, priority, state }: OrderFilter): boolean {
  return words !== '' || status !== undefined || priority !== undefined || state !== undefined
}

export function queryOf({ status, priority, state }: OrderFilter): LiveQuery {
  const wanted = { status, priority, state }
  const where = Object.entries(wanted).flatMap(([field, value]) =>
    value === undefined ? [] : [[field, { wanted: value }] as const],
  )
  return {
    collection: ORDERS,
    where: Object.fromEntries(where),
    orderBy: [{ field: 'title', direction: 'ascending' }],
  }
}

/** Those with every word in title, site or notes. What is done comes last. */
export function arranged(
  orders: readonly Order[],
  { words, sort }: Pick<OrderFilter, 'words' | 'sort'>,
  locale: string,
): Order[] {
  const wanted = words.toLocaleLowerCase(locale).split(/\s+/).filter(Boolean)
  const found =
    wanted.length === 0
      ? [...orders]
      : orders.filter((order) => {
          const text = `${order.title}\n${order.site}\n${order.notes}`.toLocaleLowerCase(locale)
          return wanted.every((word) => text.includes(word))
        })
  const collator = new Intl.Collator(locale, { numeric: true })
  return found.sort(
    (a, b) =>
      Number(a.status === 'done') - Number(b.status === 'done') ||
      compared(sort, a, b) ||
      collator.compare(a.title, b.title) ||
      (a.id < b.id ? -1 : 1),
  )
}

/** After every date there is. */
const NO_DAY = '9999-12-31'

function compared(sort: OrderFilter['sort'], a: Order, b: Order): number {
  if (sort === 'priority') return priorities.indexOf(a.priority) - priorities.indexOf(b.priority)
  if (sort === 'title') return 0
  const [one, other] = [a.due ?? NO_DAY, b.due ?? NO_DAY]
  if (one !== other) return one < other ? -1 : 1
  return priorities.indexOf(a.priority) - priorities.indexOf(b.priority)
}
