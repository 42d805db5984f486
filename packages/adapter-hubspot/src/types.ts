/** Standard types by their numbers, and the words that webhooks have for them. */

const standardTypes: readonly { name: string; objectTypeId: string; word: string }[] = [
  { name: 'contacts', objectTypeId: '0-1', word: 'contact' },
  { name: 'companies', objectTypeId: '0-2', word: 'company' },
  { name: 'deals', objectTypeId: '0-3', word: 'deal' },
  { name: 'tickets', objectTypeId: '0-5', word: 'ticket' },
  { name: 'products', objectTypeId: '0-7', word: 'product' },
  { name: 'line_items', objectTypeId: '0-8', word: 'line_item' },
]

/** Types that every account has and the adapter tells of without being asked. */
export const everyAccountHas = ['contacts', 'companies', 'deals'] as const

/** Undefined for a custom type by its name, whose number only its config or its account knows. */
export function objectTypeIdOf(
  type: string,
  { objectTypeId }: { objectTypeId?: string | undefined } = {},
): string | undefined {
  if (objectTypeId !== undefined) return objectTypeId
  if (/^\d+-\d+$/.test(type)) return type
  return standardTypes.find(({ name }) => name === type)?.objectTypeId
}

/** Of the word before the point in `contact.propertyChange`. */
export function objectTypeIdOfWord(word: string): string | undefined {
  return standardTypes.find((one) => one.word === word)?.objectTypeId
}

export function isStandard(type: string): boolean {
  return objectTypeIdOf(type)?.startsWith('0-') ?? false
}

/** The property that tells when a row was changed. */
export function timePropertyOf(type: string): string {
  return objectTypeIdOf(type) === '0-1' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
}
