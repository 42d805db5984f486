/** One edit on its way: here, at the hub, in the CRM. And at the end, whether anybody has complained. */
import { allChildren } from '../child.ts'
import type { Step } from '../step.ts'

export const followedEdit: Step = {
  title: '6 one edit',
  async play({ ana, airports }, report) {
    const id = await ana.edge.create({ title: 'Read the meter', site: 'Seattle-Tacoma Intl', state: 'WA' })
    await ana.edge.saved({ id, place: 'crm' })
    const { here, hub, crm } = await ana.edge.follow({ id, edit: { addHours: 1 } })
    report.check(
      `saved here after ${here.toFixed(1)} ms, at the hub after ${hub.toFixed(1)} ms`,
      true,
      here <= hub,
    )
    report.check(`saved in the CRM after ${crm.toFixed(0)} ms, a quiet period included`, true, hub <= crm)
    const expected = airports.filter(({ state }) => ana.states.includes(state)).length
    report.check("sites on ana's edge, at the end", expected, (await ana.edge.sites()).length)
    const errors = allChildren().flatMap(({ lines }) =>
      lines.filter((line) => line.includes('"level":"error"')),
    )
    report.check('errors in the logs', [], errors)
  },
}
