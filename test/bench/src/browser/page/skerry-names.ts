/** What page and worker of Skerry share. */

export const NAME = 'bench'
export const VERSION = 1
/** Of the page's address: the hub's. */
export const HUB_KEY = 'hub'
