/** The list of work orders: search, filters, and a line for each. */
import { useDeferredValue, useMemo } from 'react'
import {
  arranged,
  filterOf,
  isFiltered,
  type OrderFilter,
  queryOf,
  searchOf,
  sortings,
} from '../order/filter.ts'
import { type Order, priorities, statuses } from '../order/order.ts'
import { OrderLine } from '../order/order-line.tsx'
import { Failed } from '../pieces/failed.tsx'
import { LongList } from '../pieces/long-list.tsx'
import { Page } from '../pieces/page.tsx'
import { Waiting } from '../pieces/waiting.tsx'
import { useOrders } from '../replica/use-orders.ts'
import { useAreas, useSync } from '../replica/use-states.ts'
import { hashOf, TODAY } from '../route/route.ts'
import { useKeptScroll } from '../route/use-kept-scroll.ts'
import { replaceRoute } from '../route/use-route.ts'
import { useFormat, useWords } from '../words/use-words.ts'

export function TodayPage({ search }: { search: URLSearchParams }) {
  const words = useWords()
  const format = useFormat()
  const filter = filterOf(search)
  const set = (change: Partial<OrderFilter>) =>
    replaceRoute({ page: 'today', search: searchOf({ ...filter, ...change }) })
  const found = useOrders(queryOf(filter))
  const typed = useDeferredValue(filter.words)
  const rows = useMemo(
    () => found.value && arranged(found.value, { words: typed, sort: filter.sort }, format.locale),
    [found.value, typed, filter.sort, format],
  )
  useKeptScroll(hashOf({ page: 'today', search }), rows !== undefined)
  const arriving = useSync()?.arriving?.unverified ?? 0
  return (
    <Page title={words.pages.today}>
      <Filters filter={filter} set={set} />
      <div className="buttons">
        <a className="button" href="#/new">
          {words.pages.new}
        </a>
      </div>
      <Failed reason={found.failed?.message} />
      <p role="status" className="soft">
        {rows ? words.today.count(rows.length) : ''} {arriving > 0 && words.today.arriving(arriving)}
      </p>
      {!rows && !found.failed && <Waiting />}
      {rows && rows.length > 0 && (
        <LongList rows={rows} keyOf={({ id }) => id} label={words.pages.today}>
          {(order) => <OrderLine order={order} />}
        </LongList>
      )}
      {rows?.length === 0 && <None isFiltered={isFiltered(filter)} />}
    </Page>
  )
}

function None({ isFiltered }: { isFiltered: boolean }) {
  const words = useWords()
  if (!isFiltered) return <p>{words.today.none}</p>
  return (
    <p>
      {words.today.noneFound}{' '}
      <button type="button" onClick={() => replaceRoute(TODAY)}>
        {words.today.clear}
      </button>
    </p>
  )
}

interface FiltersProps {
  filter: OrderFilter
  set(change: Partial<OrderFilter>): void
}

function Filters({ filter, set }: FiltersProps) {
  const words = useWords()
  const states = useAreas('read')
  return (
    <search className="filters">
      <input
        type="search"
        aria-label={words.today.search}
        placeholder={words.today.search}
        value={filter.words}
        onChange={(event) => set({ words: event.target.value })}
      />
      <fieldset className="filter-row">
        <legend className="only-read-out">{words.today.filters}</legend>
        <Choice<Order['status']>
          label={words.fields.status}
          all={words.today.allStatuses}
          options={statuses.map((status) => [status, words.status[status]])}
          value={filter.status}
          choose={(status) => set({ status })}
        />
        <Choice<Order['priority']>
          label={words.fields.priority}
          all={words.today.allPriorities}
          options={priorities.map((priority) => [priority, words.priority[priority]])}
          value={filter.priority}
          choose={(priority) => set({ priority })}
        />
        <Choice<string>
          label={words.fields.state}
          all={words.today.allStates}
          options={states.map((state) => [state, state])}
          value={filter.state}
          choose={(state) => set({ state })}
        />
        <Choice<OrderFilter['sort']>
          label={words.today.sortBy}
          options={sortings.map((sort) => [sort, words.today.sort[sort]])}
          value={filter.sort}
          choose={(sort) => set({ sort: sort ?? 'due' })}
        />
      </fieldset>
    </search>
  )
}

interface ChoiceProps<Name extends string> {
  label: string
  /** What choosing nothing is called; absent where something is always chosen. */
  all?: string
  options: readonly (readonly [Name, string])[]
  value: Name | undefined
  choose(name: Name | undefined): void
}

function Choice<Name extends string>({ label, all, options, value, choose }: ChoiceProps<Name>) {
  const chosen = (text: string) => choose(options.find(([name]) => name === text)?.[0])
  return (
    <select aria-label={label} value={value ?? ''} onChange={(event) => chosen(event.target.value)}>
      {all !== undefined && <option value="">{all}</option>}
      {options.map(([name, shown]) => (
        <option key={name} value={name}>
          {shown}
        </option>
      ))}
    </select>
  )
}
