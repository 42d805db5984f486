/** What the parent of the adapter rounds says to the adapter process, and hears from it. */

export interface AdapterErrand {
  path: string
  hubUrl: string
  crmUrl: string
  /** Asks for pushes beside polling. */
  webhooks: boolean
}

export type AdapterLine =
  /** The store is open, the bridge is starting. */
  | { said: 'open' }
  /** Everything known was asked, written and followed. */
  | { said: 'idle'; dead: number }
  | { said: 'event'; code: string; message: string }
