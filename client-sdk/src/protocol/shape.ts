/**
 * What untrusted values must look like: guards that are their own JSON Schema. Strict, total and small; they copy nothing and
 * change nothing, so that what was checked is what is used. For values that came out of JSON.parse.
 */

import { HoldfastError } from './errors.ts'

/** The part of JSON Schema (2020-12) that shapes are described in. */
export type JsonSchema = Readonly<Record<string, unknown>>

export type Parsed<T> = { readonly success: true; readonly data: T } | { readonly success: false }

export interface Shape<out T> {
  readonly schema: JsonSchema
  accepts(value: unknown): value is T
  safeParse(value: unknown): Parsed<T>
  /** The value. Throws `malformed`. */
  parse(value: unknown): T
}
export type Infer<S> = S extends Shape<infer T> ? T : never

/** May be left out of an object, but not be undefined in it: JSON has no undefined. */
export interface Optional<out T> extends Shape<T> {
  readonly isOptional: true
}

// A caller that forgets the `/* @__NO_SIDE_EFFECTS__ */` of what it builds on keeps shapes in bundles that nobody asks for.
/* @__NO_SIDE_EFFECTS__ */
const shapeOf = <T>(schema: JsonSchema, accepts: (value: unknown) => boolean): Shape<T> => ({
  schema,
  accepts: accepts as (value: unknown) => value is T,
  safeParse: (value) => (accepts(value) ? { success: true, data: value as T } : { success: false }),
  parse(value) {
    if (accepts(value)) return value as T
    throw new HoldfastError('malformed')
  },
})

interface TextRules {
  /** Anchored at both ends. */
  readonly pattern?: RegExp
  /** UTF-16 units. */
  readonly minLength?: number
  readonly maxLength?: number
}

/* @__NO_SIDE_EFFECTS__ */
export const string = ({ pattern, minLength, maxLength }: TextRules = {}): Shape<string> =>
  shapeOf(
    { type: 'string', pattern: pattern?.source, minLength, maxLength },
    (value) =>
      typeof value === 'string' &&
      value.length >= (minLength ?? 0) &&
      value.length <= (maxLength ?? Infinity) &&
      (pattern === undefined || pattern.test(value)),
  )

/** A safe integer from `minimum` to `maximum`, both included. */
/* @__NO_SIDE_EFFECTS__ */
export const integer = (
  minimum: number = Number.MIN_SAFE_INTEGER,
  maximum: number = Number.MAX_SAFE_INTEGER,
): Shape<number> =>
  shapeOf(
    { type: 'integer', minimum, maximum },
    (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
  )

/* @__NO_SIDE_EFFECTS__ */
export const boolean = (): Shape<boolean> =>
  shapeOf({ type: 'boolean' }, (value) => typeof value === 'boolean')

/** Exactly one of these. */
/* @__NO_SIDE_EFFECTS__ */
export const oneOf = <const T extends string | number | null>(values: readonly T[]): Shape<T> =>
  shapeOf({ enum: values }, (value) => values.includes(value as T))

/* @__NO_SIDE_EFFECTS__ */
export const nullable = <T>(shape: Shape<T>): Shape<T | null> =>
  shapeOf({ anyOf: [shape.schema, { type: 'null' }] }, (value) => value === null || shape.accepts(value))

/* @__NO_SIDE_EFFECTS__ */
export const union = <S extends readonly Shape<unknown>[]>(...shapes: S): Shape<Infer<S[number]>> =>
  shapeOf({ anyOf: shapes.map(({ schema }) => schema) }, (value) =>
    shapes.some((shape) => shape.accepts(value)),
  )

/* @__NO_SIDE_EFFECTS__ */
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ ...shape, isOptional: true })

/* @__NO_SIDE_EFFECTS__ */
export const array = <T>(item: Shape<T>, minItems = 0, maxItems?: number): Shape<T[]> =>
  shapeOf(
    { type: 'array', items: item.schema, minItems, maxItems },
    (value) =>
      Array.isArray(value) &&
      value.length >= minItems &&
      value.length <= (maxItems ?? Infinity) &&
      value.every((one) => item.accepts(one)),
  )

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An object used as a map. */
/* @__NO_SIDE_EFFECTS__ */
export const record = <T>(item: Shape<T>): Shape<Record<string, T>> =>
  shapeOf(
    { type: 'object', additionalProperties: item.schema },
    (value) => isObject(value) && Object.keys(value).every((name) => item.accepts(value[name])),
  )

type Fields = Readonly<Record<string, Shape<unknown>>>
type OptionalName<F, K extends keyof F> = F[K] extends Optional<unknown> ? K : never
type Flat<T> = { [K in keyof T]: T[K] }
type ObjectOf<F extends Fields> = Flat<
  { -readonly [K in keyof F as Exclude<K, OptionalName<F, K>>]: Infer<F[K]> } & {
    -readonly [K in keyof F as OptionalName<F, K>]?: Infer<F[K]>
  }
>

export interface ObjectShape<F extends Fields> extends Shape<ObjectOf<F>> {
  readonly fields: F
}

/* @__NO_SIDE_EFFECTS__ */
const objectOf = <F extends Fields>(fields: F, isStrict: boolean): ObjectShape<F> => {
  const names = Object.keys(fields)
  const required = names.filter((name) => !('isOptional' in (fields[name] as Shape<unknown>)))
  const properties = Object.fromEntries(names.map((name) => [name, fields[name]?.schema]))
  const accepts = (value: unknown): boolean => {
    if (!isObject(value)) return false
    let found = 0
    for (const name of names) {
      // Own fields only: "constructor" is in every object.
      if (Object.hasOwn(value, name)) {
        if (!(fields[name] as Shape<unknown>).accepts(value[name])) return false
        found += 1
      } else if (required.includes(name)) return false
    }
    return !isStrict || Object.keys(value).length === found
  }
  const schema = { type: 'object', properties, required, ...(isStrict && { additionalProperties: false }) }
  return { ...shapeOf<ObjectOf<F>>(schema, accepts), fields }
}

/** Exactly these fields: an unknown one is an error. */
/* @__NO_SIDE_EFFECTS__ */
export const strictObject = <F extends Fields>(fields: F): ObjectShape<F> => objectOf(fields, true)

/** These fields, and others that nobody here reads. */
/* @__NO_SIDE_EFFECTS__ */
export const looseObject = <F extends Fields>(fields: F): ObjectShape<F> => objectOf(fields, false)
