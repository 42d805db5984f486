/** Ceilings and waits, each with its unit and the reason for the number. */

/** Milliseconds until an unanswered hello is said again: a worker's script loads in a tenth of that. */
export const WELCOME_MS_MAX = 1_000
/** Hellos that a tab's own worker may leave unanswered before it is made anew, one each WELCOME_MS_MAX: a first load over 64 kbit/s takes a minute, and made anew it would never come. */
export const STARTING_HELLOS_MAX = 60
/** Milliseconds after which a replica that could not be opened is tried again for what is asked then. */
export const OPEN_AGAIN_MS = 1_000
/** Milliseconds for which a server that gives way waits for its pages to have heard so; the next one has the seat already. */
export const RELOAD_MS_MAX = 1_000
/** Records in one message: reading 100 of 1 KB takes a page some 2 ms on a slow phone, and a task of the page may take 50. */
export const RECORDS_PER_MESSAGE_MAX = 100
/** Calls of a tab under way: more are a loop that waits for nothing. */
export const CALLS_MAX = 10_000
/** Watches of a tab: one for each component that shows records, and some. */
export const WATCHES_MAX = 1_000
/** Edits that one edit says were answered: what a page has beyond that it says with the next. */
export const SETTLED_TOLD_MAX = 1_000
/** Characters of a name, an id of a tab or server, a code. */
export const NAME_LENGTH_MAX = 200
