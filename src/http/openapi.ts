/**
 * The OpenAPI 3.1 document, generated from the operation table: every operation with every outcome.
 */
import {
  ERRORS,
  ERROR_CODES,
  OPERATIONS,
  OPERATION_NAMES,
  outcomesOf,
  type ErrorCode,
  type Operation,
  type OperationName,
  type shape,
} from '@holdfast/client/protocol'

type Schema = Record<string, unknown>

/** A JSON Schema (2020-12, the dialect of OpenAPI 3.1) of what travels. The table's shapes are their own. */
const schemaOf = (what: shape.Shape<unknown>): Schema => JSON.parse(JSON.stringify(what.schema)) as Schema

const problem: Schema = {
  type: 'object',
  description: 'RFC 9457 problem details. `code` never changes its meaning; `advice` says what to do next.',
  required: ['type', 'title', 'status', 'code', 'advice'],
  additionalProperties: false,
  properties: {
    type: { type: 'string', pattern: '^urn:holdfast:error:[a-z_]+$' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: [...ERROR_CODES] },
    advice: { type: 'string', enum: ['retry', 'retry-later', 'fix-request', 'sign-in', 'upgrade', 'stop'] },
    slots: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 32 } },
    retryAfterMs: { type: 'number', minimum: 0 },
  },
}

const parametersOf = ({ params, query, method, keyless }: Operation): readonly Schema[] => {
  const from = (schema: Operation['params'], place: 'path' | 'query'): readonly Schema[] => {
    if (schema === null) return []
    const { properties = {}, required = [] } = schemaOf(schema) as {
      properties?: Record<string, Schema>
      required?: readonly string[]
    }
    return Object.entries(properties).map(([name, property]) => ({
      name,
      in: place,
      required: required.includes(name),
      schema: property,
    }))
  }
  const idempotency: Schema = {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description: `${
      keyless === true
        ? 'Without effect: each request is answered by itself.'
        : 'A repeat under the same key gets the first answer.'
    } 16 to 128 printable characters without spaces.`,
    schema: { type: 'string', pattern: '^[!-~]{16,128}$' },
  }
  return [...from(params, 'path'), ...from(query, 'query'), ...(method === 'POST' ? [idempotency] : [])]
}

const refusalsOf = (name: OperationName): Record<string, Schema> => {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of outcomesOf(name))
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code])
  const responses: Record<string, Schema> = {}
  for (const [status, codes] of [...byStatus].toSorted(([a], [b]) => a - b))
    responses[String(status)] = {
      description: codes.map((code) => `${code}: ${ERRORS[code].message}`).join('\n\n'),
      headers: {
        'Retry-After': { schema: { type: 'integer' }, description: 'Seconds, where a repeat makes sense.' },
      },
      content: {
        'application/problem+json': {
          schema: {
            allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
          },
        },
      },
    }
  return responses
}

const operationOf = (name: OperationName): Schema => {
  const operation: Operation = OPERATIONS[name]
  return {
    operationId: name,
    summary: operation.summary,
    tags: [operation.path.split('/')[2]],
    security: operation.caller === 'none' ? [] : [{ [operation.caller]: [] }],
    parameters: parametersOf(operation),
    ...(operation.body !== null && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(operation.body) } },
      },
    }),
    responses: {
      [String(operation.status)]: {
        description: 'Done.',
        content: { 'application/json': { schema: schemaOf(operation.answer) } },
      },
      ...refusalsOf(name),
    },
  }
}

const session = (who: string): Schema => ({
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: who,
})

/** The document as an object. */
export const openApi = (): Schema => {
  const paths: Record<string, Schema> = {}
  for (const name of OPERATION_NAMES) {
    const { path, method } = OPERATIONS[name]
    const address = path.replace(/:(\w+)/g, '{$1}')
    paths[address] = { ...paths[address], [method.toLowerCase()]: operationOf(name) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description:
        'Gives a person their identity key back, through people they trust. Messages are signed: see PROTOCOL.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: problem },
      securitySchemes: {
        device: session('Session of a device of an account.'),
        requester: session('Session of the one-use key of a request for recovery.'),
      },
    },
  }
}

let text: string | undefined

/** The document as JSON, made when first asked for. */
export const openApiText = (): string => (text ??= JSON.stringify(openApi()))
