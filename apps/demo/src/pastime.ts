/** What goes on after the story: a technician edits now and then, so that there is something to see. */
import type { Edit } from './edge-commands.ts'
import type { World } from './world.ts'

/** Milliseconds between two edits. */
const EDIT_EVERY_MS = 4_000

const edits: readonly Edit[] = [
  { addHours: 1 },
  { noteAfter: ' Looked again.' },
  { usePart: 'cable-tie' },
  { set: { status: 'en_route' } },
  { set: { status: 'open' } },
]

/** Goes on until the result is called, which resolves when no edit is under way. */
export function passTime({ ana, ben }: World, told: (line: string) => void): () => Promise<void> {
  let count = 0
  let underWay: Promise<void> = Promise.resolve()
  const edit = async () => {
    const here = [ana, ben].filter(({ process }) => process.isRunning)
    const technician = here[count % here.length]
    if (!technician) return
    const { name, edge } = technician
    // Those with a date are for people who play with the app.
    const orders = (await edge.orders()).filter(({ due }) => due === undefined)
    const order = orders[count % orders.length]
    const change = edits[count % edits.length]
    count += 1
    if (!order || !change) return
    await edge.edit({ id: order.id, edit: change })
    told(`${name} edits '${order.title}': ${JSON.stringify(change)}`)
  }
  const timer = setInterval(() => {
    underWay = underWay.then(edit).catch((error: unknown) => told(`an edit failed: ${String(error)}`))
  }, EDIT_EVERY_MS)
  return () => {
    clearInterval(timer)
    return underWay
  }
}
