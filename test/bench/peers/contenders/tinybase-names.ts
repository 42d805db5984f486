/** What server and device of TinyBase call the same things. */

/** Of the server: all who come to one path share one store. */
export const PATH = 'records'
export const TABLE = 'records'
