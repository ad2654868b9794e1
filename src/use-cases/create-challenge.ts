/** Gives a challenge to sign in with. Looks nothing up: known and unknown accounts are alike. */
import { makeChallenge } from './challenges.ts'
import type { UseCase } from './use-cases.ts'

export const createChallenge: UseCase<'createChallenge'> = async (deps, { body }) =>
  makeChallenge(body.account, await deps.records.now(), deps.keys.challenge, deps.random)
