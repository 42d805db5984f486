/** What an app may pay for Skerry, minified and compressed with gzip, beside the engine (1,137 KB), zod and React. */

const KB = 1024

/** Bytes. All that page and worker take together: what was reached, and a little room. */
export const ALL_GZIP_MAX = 145 * KB
/** Bytes. What it is to come to; most of it is core's replica and sessions, evenly over some 250 files of an edge, and 12 KB of it the words of errors. */
export const ALL_GZIP_GOAL = 40 * KB
/** Bytes. What the page's own thread loads before it shows anything. */
export const PAGE_GZIP_MAX = 10 * KB
/** Bytes. What a worker that can be looked into starts with, beyond one that cannot. */
export const INSPECTED_GZIP_MAX = 1 * KB
/** Bytes. What opening the developer tools loads into the page; some of it is there already. */
export const PANEL_GZIP_MAX = 24 * KB
