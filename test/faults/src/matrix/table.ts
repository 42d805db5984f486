/** A table that the tests are held against: each line has tests whose titles name it, or a reason why there is none. One page is made of each. */

export interface Table {
  name: string
  /** From the root. */
  page: string
  /** Markdown that stands above all lines. */
  heading: string
  /** Of a line, between its id and its verdict. */
  columns: readonly string[]
  /** The verdict of a line that no test will show. */
  without: string
  /** By the letters with which ids begin. */
  groups: Readonly<Record<string, string>>
  lines: readonly Line[]
  titles: Titles
}

export interface Line {
  id: string
  /** One text for each of the columns. */
  told: readonly string[]
  /** Why no test shows it, and none will. */
  without?: string
  /** What of it does not hold, though the tests pass: they show the rest. */
  missing?: string
  /** Why no test shows it yet. Without meaning once one does. */
  untested?: string
}

/** How a test says which lines it shows: by its title, or that of a group around it. */
export interface Titles {
  /** For vitest's `-t`: whatever follows the convention. */
  pattern: string
  /** Whether a title speaks of the table at all, be it in another way. */
  mentions(title: string): boolean
  /** Undefined when it does not follow the convention. */
  read(title: string): Title | undefined
}

export interface Title {
  ids: string[]
  /** What follows the ids. */
  says: string
}

/** The letters of an id, by which it has its group. */
export function groupOf(id: string): string {
  return /^[A-Z]+/.exec(id)?.[0] ?? ''
}
