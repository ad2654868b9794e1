/**
 * One router per noun, generated from the operation table.
 */
import { HoldfastError, OPERATIONS, OPERATION_NAMES, type OperationName } from '@holdfast/client/protocol'
import { Router, type RequestHandler } from 'express'
import { routeOf, type RouteParts } from './route.ts'

/** The first word of the path after the version. */
export const nounOf = (name: OperationName): string => OPERATIONS[name].path.split('/')[2] ?? ''

export const NOUNS: readonly string[] = [...new Set(OPERATION_NAMES.map(nounOf))]

/** Routes of all operations on `noun`. Other methods on their paths are refused with the ones that exist. */
export const routerOf = (noun: string, parts: RouteParts): Router => {
  const router = Router({ caseSensitive: true, strict: true })
  const methods = new Map<string, string[]>()
  for (const name of OPERATION_NAMES.filter((candidate) => nounOf(candidate) === noun)) {
    const { method, path } = OPERATIONS[name]
    router[method === 'GET' ? 'get' : 'post'](path, routeOf(name, parts))
    methods.set(path, [...(methods.get(path) ?? []), method])
  }
  for (const [path, allowed] of methods)
    router.all(path, (_request, response) => {
      response.setHeader('allow', allowed.join(', '))
      throw new HoldfastError('method_not_allowed')
    })
  return router
}

/**
 * Hands a request to the router of its noun. Mounted one after the other, each router would look at all of its own paths
 * first, which takes longer than what most operations do.
 */
export const byNoun = (parts: RouteParts): RequestHandler => {
  const routers = new Map(NOUNS.map((noun) => [noun, routerOf(noun, parts)]))
  return (request, response, next) => {
    const router = routers.get(request.path.split('/', 3)[2] ?? '')
    if (router === undefined) next()
    else router(request, response, next)
  }
}
