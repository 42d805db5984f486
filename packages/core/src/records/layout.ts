/**
 * Where a document keeps the fields of an object, over all versions. A slot is made when a field comes, under the field's name; a name that any version used before is taken, and the slot
 * gets the version's number behind it. From then on the slot never moves: renaming changes what leads to it, removing leaves it where it is.
 */
import type { Lens, Replace } from './lens.ts'
import { type Fields, innerOf, type MapShape, stagesOf } from './lens-stages.ts'
import {
  addStep,
  convertStep,
  forwardAll,
  removeStep,
  renameStep,
  replaceStep,
  type Step,
  withinStep,
} from './lens-step.ts'
import { isObject, type Json, type JsonObject, SchemaDefinitionError, type Shape } from './shape.ts'

interface Slot {
  readonly key: string
  /** As stored. */
  readonly shape: Shape
  /** Of what is inside: the object itself, each row, each value. */
  readonly inner: Layout | undefined
  /** What this version calls it; undefined when it is not shown. */
  name: string | undefined
  /** The slots that replaced it. */
  became: readonly Slot[]
  /** Some version reads it as a whole, in another form. */
  isConverted: boolean
  /** Slots that are written together, and this one's place among them. */
  together: { id: string; place: number } | undefined
}

/** A stored field as this version names and reads it. */
export interface NamedField {
  path: string[]
  /** Undefined where this version reads nothing in it. */
  read(stored: Json): Json | undefined
}

export class Layout {
  readonly #slots = new Map<string, Slot>()
  readonly #named = new Map<string, Slot>()
  /** Every name that some version gave a field. */
  readonly #names = new Set<string>()

  readonly #steps: Step[] = []
  #placeNext = 0

  /** The first version's fields. */
  constructor(shape: MapShape) {
    for (const [name, field] of shape.fields) this.#add(name, name, field)
  }

  /** Takes one lens further, and tells what it does to values. `after` are the fields that the newer version has. */
  follow(lens: Lens, version: number, after: Fields): Step {
    const step = this.#step(lens, version, after)
    this.#steps.push(step)
    return step
  }

  /** What this version shows of a stored value. */
  view(stored: JsonObject): JsonObject {
    return forwardAll(this.#steps, stored)
  }

  #step(lens: Lens, version: number, after: Fields): Step {
    switch (lens.op) {
      case 'rename': {
        const slot = this.#take(lens.from)
        this.#call(lens.to, slot)
        return renameStep(lens.from, lens.to)
      }
      case 'add': {
        const { key } = this.#add(lens.field, this.#freeKey(lens.field, version), after.get(lens.field)!)
        return addStep(lens.field, key, lens.value)
      }
      case 'remove':
        this.#take(lens.field)
        return removeStep(lens.field, lens.left)
      case 'convert': {
        const slot = this.#named.get(lens.field)!
        slot.isConverted = true
        return convertStep(lens, after.get(lens.field)!)
      }
      case 'replace':
        return this.#replace(lens, version, after)
      case 'within':
        return this.#within(lens, version, after)
    }
  }

  /** The shape of what documents hold. */
  stored(): MapShape {
    return {
      kind: 'map',
      fields: new Map([...this.#slots].map(([key, slot]) => [key, storedShape(slot)])),
    }
  }

  /** Undefined for a field that this version knows and does not show. */
  named(path: readonly string[]): NamedField | undefined {
    const [key, ...rest] = path
    // The object itself: a row, or the record.
    if (key === undefined)
      return { path: [], read: (stored) => (isObject(stored) ? this.view(stored) : stored) }
    const slot = this.#slots.get(key)
    if (!slot) return { path: [...path], read: (stored) => stored }
    if (slot.name === undefined) {
      const name = slot.became.find((one) => one.name !== undefined)?.name
      return name === undefined ? undefined : { path: [name], read: () => undefined }
    }
    const { name } = slot
    if (rest.length === 0) return { path: [name], read: (stored) => this.#read(slot, name, stored) }
    if (slot.isConverted) return { path: [name], read: () => undefined }
    const outside = slot.shape.kind === 'map' ? [] : rest.slice(0, 1)
    const inside = slot.inner?.named(rest.slice(outside.length))
    if (slot.inner && !inside) return undefined
    return inside
      ? { path: [name, ...outside, ...inside.path], read: inside.read }
      : { path: [name, ...rest], read: (stored) => stored }
  }

  /** Where a field that this version shows is stored, and whether as it is shown. */
  storedAs(name: string): { key: string; isConverted: boolean } | undefined {
    return this.#named.get(name)
  }

  /** Fields that are written together say nothing each by itself: they are told as they are stored. */
  #read(slot: Slot, name: string, stored: Json): Json | undefined {
    return slot.together ? stored : this.view({ [slot.key]: stored })[name]
  }

  /** Which fields are written together with this one, and its place among them. */
  together(path: readonly string[]): { id: string; place: number } | undefined {
    const [key, ...rest] = path
    const slot = key === undefined ? undefined : this.#slots.get(key)
    if (slot?.together) return slot.together
    const outside = slot?.shape.kind === 'map' ? 0 : 1
    const inside = slot?.inner?.together(rest.slice(outside))
    return inside && { ...inside, id: JSON.stringify([key, ...rest.slice(0, outside), inside.id]) }
  }

  #within({ field, lenses }: Lens & { op: 'within' }, version: number, after: Fields): Step {
    const { inner, isConverted } = this.#named.get(field)!
    const shape = after.get(field)!
    const where = `version ${version}: within('${field}')`
    if (!inner || isConverted)
      throw new SchemaDefinitionError(
        `${where}: an earlier convert('${field}') reads this field as a whole; change what is inside there`,
      )
    const stages = stagesOf(lenses, innerOf(shape)!.fields, where)
    return withinStep(
      field,
      shape,
      lenses.map((lens, i) => inner.follow(lens, version, stages[i + 1]!)),
    )
  }

  #replace(lens: Replace, version: number, after: Fields): Step {
    const old = [...lens.was.keys()].map((field) => this.#take(field))
    const shapes = lens.now.map((field) => after.get(field)!)
    const now = lens.now.map((field, i) => this.#add(field, this.#freeKey(field, version), shapes[i]!))
    for (const slot of old) slot.became = now
    // A field that replaced another one before stays with it, and brings those that replace it now.
    const id = old.find((slot) => slot.together)?.together?.id ?? old[0]!.key
    for (const slot of [...old, ...now]) slot.together ??= { id, place: this.#placeNext++ }
    return replaceStep(
      lens,
      now.map((slot) => slot.key),
      shapes,
    )
  }

  #add(name: string, key: string, shape: Shape): Slot {
    const inside = innerOf(shape)
    const slot: Slot = {
      key,
      shape,
      inner: inside && new Layout(inside),
      name: undefined,
      became: [],
      isConverted: false,
      together: undefined,
    }
    this.#slots.set(key, slot)
    this.#call(name, slot)
    return slot
  }

  #call(name: string, slot: Slot): void {
    slot.name = name
    this.#named.set(name, slot)
    this.#names.add(name)
  }

  #take(name: string): Slot {
    const slot = this.#named.get(name)!
    this.#named.delete(name)
    slot.name = undefined
    return slot
  }

  #freeKey(name: string, version: number): string {
    return this.#names.has(name) ? `${name}~${version}` : name
  }
}

function storedShape({ shape, inner }: Slot): Shape {
  if (!inner) return shape
  if (shape.kind === 'keyed') return { ...shape, row: inner.stored() }
  return shape.kind === 'dictionary' ? { ...shape, value: inner.stored() } : inner.stored()
}
