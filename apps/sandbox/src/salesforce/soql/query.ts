/** A query as data. */

export type Literal =
  | { kind: 'string'; text: string }
  | { kind: 'number'; text: string }
  | { kind: 'time' | 'date'; text: string }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'null' }

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>='

export type Condition =
  | { op: 'and' | 'or'; parts: readonly Condition[] }
  | { op: 'not'; part: Condition }
  | { op: Comparison; field: string; value: Literal }
  | { op: 'like'; field: string; value: Literal }
  | { op: 'in' | 'not in'; field: string; values: readonly Literal[] }

export type Query = {
  /** Empty for `COUNT()`. */
  fields: readonly string[]
  type: string
  where: Condition | undefined
  orderBy: readonly { field: string; descending: boolean; nullsLast: boolean }[]
  limit: number | undefined
  offset: number
}
