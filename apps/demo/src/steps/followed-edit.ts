/** One edit on its way: here, at the hub, in the CRM. And at the end, whether anybody has complained. */
import type { Step } from '../step.ts'

export const followedEdit: Step = {
  title: '6 one edit',
  async play({ cast, ana, airports }, report) {
    const id = await ana.edge.create({ title: 'Read the meter', site: 'Seattle-Tacoma Intl', state: 'WA' })
    await ana.edge.saved({ id, place: 'crm' })
    report.mark()
    const { here, hub, crm } = await ana.edge.follow({ id, edit: { addHours: 1 } })
    const seen = `here ${ms(here)}, hub ${ms(hub)}, CRM ${ms(crm)}`
    report.judge('one edit, saved after', 'here, then hub, then CRM', seen, here <= hub && hub <= crm)
    const expected = airports.filter(({ state }) => ana.states.includes(state)).length
    report.check("sites on ana's edge, at the end", expected, (await ana.edge.sites()).length)
    const errors = cast.all.flatMap(({ name, lines }) =>
      lines.filter((line) => line.includes('"level":"error"')).map((line) => `${name}: ${line}`),
    )
    report.check('errors in the logs of all processes', 0, errors.length)
    for (const error of errors) report.judge('an error in a log', 'none', error, false)
  },
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`
}
