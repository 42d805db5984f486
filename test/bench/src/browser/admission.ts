/** What a page is told before it may connect: where the server is, and what it takes to be let in. */

export interface Admission {
  /** Of the sync server. */
  url: string
  /** Skerry: its credential. automerge-repo: the ids of all documents, in order of their numbers. The others: nothing. */
  pass: readonly string[]
}

/** Path of a request to the page's own origin: the server makes an edit, as if somebody had made it elsewhere. */
export const EDIT_PATH = '/edit-there'

export interface EditThere {
  number: number
  mark: number
}
