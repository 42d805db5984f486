/** What can be asked of a store; apart from the answers, which need the store's code. */
export const questionNames = [
  'summary',
  'records',
  'heads',
  'log',
  'cursors',
  'channels',
  'quarantine',
  'sizes',
  'verify',
] as const

export type Question = (typeof questionNames)[number]
