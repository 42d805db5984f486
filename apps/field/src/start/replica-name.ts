/** Names the replica of this app in the browser: its database, its worker, its locks. */
export const REPLICA_NAME = 'skerry-field'
