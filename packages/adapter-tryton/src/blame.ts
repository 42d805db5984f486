/** Which of the fields sent a refusal speaks of: those whose label it names in quotes, as people see it (SPEC TR-46). */
import type { JsonObject } from '@skerry/core'
import type { Leaf, Shape } from './shape.ts'

/** @returns undefined when it names none */
export function fieldsNamed(shape: Shape, sent: JsonObject, reason: string): string[] | undefined {
  const quoted = new Set(Array.from(reason.matchAll(/["“«']([^"”»']+)["”»']/g), ([, label]) => label))
  const named = Object.keys(sent).filter((name) => labelsOf(shape, name).some((label) => quoted.has(label)))
  return named.length > 0 ? named : undefined
}

function labelsOf({ leaves, lines, facts }: Shape, name: string): string[] {
  const leaf = leaves.get(name)
  if (leaf) return ownLabels(leaf)
  const line = lines.get(name)
  if (!line) return []
  const inner = [line.key, ...line.fields.values()].flatMap(ownLabels)
  return [facts.get(name)?.string ?? '', ...inner]
}

function ownLabels(leaf: Leaf): string[] {
  if (leaf.at === 'line') return ownLabels(leaf.of)
  return leaf.at === 'row' ? [leaf.field.string, leaf.field.name] : [leaf.via.string, leaf.via.name]
}
