/** Arguments of the form `--name value` and `--name`, of a closed list each. */
import { resolve } from 'node:path'
import { EXIT, end } from './command.ts'

export interface Arguments {
  /** An absolute path; null if it was not given. */
  path(name: string): string | null
  has(name: string): boolean
}

/** Ends the process with `usage` for anything else. */
export const readArguments = (
  given: readonly string[],
  {
    paths,
    flags,
    usage,
  }: { readonly paths: readonly string[]; readonly flags: readonly string[]; readonly usage: string },
): Arguments => {
  const found = new Map<string, string>()
  for (let at = 0; at < given.length; at += 1) {
    const name = given[at] ?? ''
    const takesPath = paths.includes(name)
    const value = takesPath ? given[(at += 1)] : ''
    const isWrong = (!takesPath && !flags.includes(name)) || value === undefined || value.startsWith('--')
    if (isWrong || found.has(name)) return end(usage, EXIT.usage)
    found.set(name, takesPath ? resolve(value) : '')
  }
  return { path: (name) => found.get(name) ?? null, has: (name) => found.has(name) }
}
