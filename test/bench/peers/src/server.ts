/** The server of a contender: a process of its own that holds records which devices come for, and that ends with its process. */

/** What a device says of itself before it is let in: ours its public key, the others nothing. */
export type Introduction = Uint8Array | undefined

/** What a device must be told: ours its credential, automerge-repo the ids of its documents. */
export type Pass = readonly string[]

export interface Place {
  /** Where the process keeps its files. */
  folder: string
  records: number
}

/** The commands that the parent calls; a type, because an interface is no record of commands. */
export type ServerCommands = {
  /** Writes the records, as the contender stores them, and closes the store again. */
  seed(place: Place): Promise<void>
  /** Serves what was written; gives the URL on the loopback interface. */
  open(place: Place): Promise<string>
  admit(introduction: Introduction): Promise<Pass>
}
