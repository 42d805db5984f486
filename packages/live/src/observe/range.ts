/** Ranges of a field's values: numbers by size, strings by code units, as ISO dates are in order of time. Both ends are included; what is absent is in none. */
export class Range<Value> {
  readonly wanted: { readonly from?: Value; readonly to?: Value }

  constructor(wanted: { readonly from?: Value; readonly to?: Value }) {
    this.wanted = wanted
  }
}

export function between<Value extends string | number>(from: Value, to: Value): Range<Value> {
  return new Range({ from, to })
}

export function atLeast<Value extends string | number>(from: Value): Range<Value> {
  return new Range({ from })
}

export function atMost<Value extends string | number>(to: Value): Range<Value> {
  return new Range({ to })
}
