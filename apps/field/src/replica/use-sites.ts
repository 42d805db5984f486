/** Names of the sites of an area, by name; none while they come. */
import { useListed } from './use-listed.ts'

export function useSites(state: string): readonly string[] {
  const { value } = useListed<{ name: string }>({
    collection: 'sites',
    where: { state: { wanted: state } },
    orderBy: [{ field: 'name', direction: 'ascending' }],
  })
  return value?.map(({ name }) => name) ?? []
}
