/** The network simulator's switches, and what it has done. */
import type { Inspect, NetworkState, SimulatedNetwork, Stop } from '@skerry/live'
import { Facts, h, write } from './dom.ts'
import { Failure, type View } from './view.ts'

type Kind = SimulatedNetwork['kind']

const choices: readonly { kind: Kind; name: string; why: string }[] = [
  { kind: 'off', name: 'Off', why: 'The network is as it is.' },
  { kind: 'cut', name: 'Cut', why: 'The line breaks, and there is none to be had.' },
  { kind: 'slow', name: 'Slow', why: 'Every message takes its bytes’ time and the delay, each way.' },
  { kind: 'flap', name: 'Flap', why: 'The line comes and goes.' },
  {
    kind: 'lose-acks',
    name: 'Lose answers',
    why: 'The line breaks as the hub’s answer that an edit arrived comes back on it.',
  },
]

export function networkView(inspect: Inspect): View {
  const failure = new Failure()
  const said = h('p', { class: 'state', role: 'status' })
  const numbers = {
    bytesPerSecond: numberField('Bytes a second', 4_000, 50),
    delayMs: numberField('Delay in milliseconds', 300, 0),
    upSeconds: numberField('Seconds up', 5, 0.1),
    downSeconds: numberField('Seconds down', 5, 0.1),
  }
  const asked = (kind: Kind): SimulatedNetwork => {
    if (kind === 'slow')
      return {
        kind,
        bytesPerSecond: numbers.bytesPerSecond.input.valueAsNumber,
        delayMs: numbers.delayMs.input.valueAsNumber,
      }
    if (kind === 'flap')
      return {
        kind,
        upMs: numbers.upSeconds.input.valueAsNumber * 1_000,
        downMs: numbers.downSeconds.input.valueAsNumber * 1_000,
      }
    return { kind }
  }
  /** Answers that are awaited: what is told meanwhile is older than what was chosen, and does not turn it back. */
  let asking = 0
  let latest: NetworkState | undefined
  const ask = async (kind: Kind) => {
    asking += 1
    try {
      await inspect.setNetwork(asked(kind))
      failure.show(undefined)
      asking -= 1
    } catch (error) {
      asking -= 1
      failure.show((error as Error).message)
      if (latest) choose(latest)
    }
  }
  const radios = new Map<Kind, HTMLInputElement>()
  const options = choices.map(({ kind, name, why }) => {
    const radio = h('input', {
      type: 'radio',
      name: 'network',
      value: kind,
      'aria-describedby': `why-${kind}`,
      on: { change: () => void ask(kind) },
    })
    radios.set(kind, radio)
    const fields =
      kind === 'slow'
        ? [numbers.bytesPerSecond, numbers.delayMs]
        : kind === 'flap'
          ? [numbers.upSeconds, numbers.downSeconds]
          : []
    for (const { input } of fields) input.addEventListener('change', () => radio.checked && void ask(kind))
    return h(
      'div',
      { class: 'choice' },
      h('label', { class: 'radio' }, radio, h('span', { text: name })),
      h('p', { class: 'soft', id: `why-${kind}`, text: why }),
      fields.length > 0 && h('div', { class: 'bar' }, ...fields.map(({ label }) => label)),
    )
  })
  const facts = new Facts(
    ['Lines broken', 'Attempts refused', 'Messages delayed', 'Answers lost'],
    'What it did',
  )
  const choose = ({ network }: NetworkState) => {
    radios.get(network.kind)!.checked = true
    if (network.kind === 'slow') {
      numbers.bytesPerSecond.input.valueAsNumber = network.bytesPerSecond
      numbers.delayMs.input.valueAsNumber = network.delayMs
    } else if (network.kind === 'flap') {
      numbers.upSeconds.input.valueAsNumber = network.upMs / 1_000
      numbers.downSeconds.input.valueAsNumber = network.downMs / 1_000
    }
  }
  const show = (state: NetworkState) => {
    const { network, isUp } = state
    latest = state
    if (asking === 0) choose(state)
    const name = choices.find(({ kind }) => kind === network.kind)!.name
    write(
      said,
      network.kind === 'off' ? 'The simulator is off.' : `${name}: a line ${isUp ? 'can' : 'cannot'} be had.`,
    )
    said.classList.toggle('is-on', network.kind !== 'off')
    facts.show({
      'Lines broken': String(state.broken),
      'Attempts refused': String(state.refused),
      'Messages delayed': String(state.delayed),
      'Answers lost': String(state.lostAcks),
    })
  }
  const element = h(
    'div',
    { class: 'view' },
    failure.element,
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': 'Network simulator' },
      h('p', {
        class: 'note',
        text: 'It stands between this device’s sessions and their sockets, for all tabs, until it is switched off or the app is loaded again.',
      }),
      said,
      h(
        'div',
        { class: 'columns' },
        h('fieldset', {}, h('legend', { text: 'The network is' }), ...options),
        h('div', {}, h('h3', { text: 'Since it was set' }), facts.element),
      ),
    ),
  )
  return {
    element,
    show(): Stop {
      return inspect.watchNetwork(show, ({ message }) => failure.show(message))
    },
  }
}

function numberField(
  name: string,
  value: number,
  min: number,
): { label: HTMLLabelElement; input: HTMLInputElement } {
  const input = h('input', { type: 'number', min, step: 'any', value })
  return { input, label: h('label', { class: 'field' }, h('span', { text: name }), input) }
}
