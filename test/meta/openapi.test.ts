import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { ERRORS, OPERATIONS, OPERATION_NAMES, outcomesOf, type Operation } from '@holdfast/client/protocol'
import { openApi, openApiText } from '../../src/http/openapi.ts'

interface Described {
  readonly operationId: string
  readonly security: readonly Record<string, unknown>[]
  readonly parameters: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: unknown
  readonly responses: Record<
    string,
    {
      readonly content: Record<
        string,
        { readonly schema: { readonly allOf?: readonly Record<string, unknown>[] } }
      >
    }
  >
}

const { paths } = openApi() as { readonly paths: Record<string, Record<string, Described>> }
const described = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

/** Codes that the document lists for a status. */
const codesIn = (response: Described['responses'][string]): readonly string[] => {
  const refinement = response.content['application/problem+json']?.schema.allOf?.[1] as
    | { readonly properties: { readonly code: { readonly enum: readonly string[] } } }
    | undefined
  return refinement?.properties.code.enum ?? []
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate(JSON.parse(openApiText()) as Record<string, unknown>)
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('describes the operations of the table, each once, and no other', () => {
    const names = described.map(({ operation }) => operation.operationId).toSorted()
    expect(names).toEqual([...OPERATION_NAMES].toSorted())
  })

  it.each(OPERATION_NAMES)('%s: address, caller, input and every outcome are as in the table', (name) => {
    const operation: Operation = OPERATIONS[name]
    const found = described.find((candidate) => candidate.operation.operationId === name)
    expect(found?.path).toBe(operation.path.replace(/:(\w+)/g, '{$1}'))
    expect(found?.method).toBe(operation.method.toLowerCase())
    const { security = [], requestBody, responses = {}, parameters = [] } = found?.operation ?? {}
    expect(security.flatMap((entry) => Object.keys(entry))).toEqual(
      operation.caller === 'none' ? [] : [operation.caller],
    )
    expect(requestBody === undefined).toBe(operation.body === null)
    const inPath = parameters
      .filter((parameter) => parameter.in === 'path')
      .map((parameter) => parameter.name)
    expect(inPath).toEqual([...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1]))

    const { [String(operation.status)]: success, ...refusals } = responses
    expect(success?.content['application/json']).toBeDefined()
    const listed = Object.entries(refusals).flatMap(([status, response]) =>
      codesIn(response).map((code) => `${status} ${code}`),
    )
    const expected = outcomesOf(name).map((code) => `${ERRORS[code].status} ${code}`)
    expect(listed.toSorted()).toEqual(expected.toSorted())
  })
})
