/**
 * What may be said on the command line.
 */
import { MAX_CONTACTS } from '@holdfast/client/protocol'
import { refusalOf, usage } from './refusal.ts'

export interface Options {
  /** 2…32. */
  readonly contacts: number
  /** 2…contacts. */
  readonly threshold: number
  readonly waitingSeconds: number
  /** File whose bytes are the secret; a key is made if null. */
  readonly secretFile: string | null
  /** Where what came back is written. */
  readonly out: string | null
  /** Kept afterwards; a temporary folder if null. */
  readonly dataDir: string | null
  /** Where bodies and frames are recorded. */
  readonly record: string | null
  readonly json: boolean
}

export const HELP = `npm run demo -- [flags]

Plays one story on a real service: a key is protected by trusted contacts, a
thief asks for it and is stopped, the phone is lost, and the key comes back.

  --contacts N          how many contacts hold a share: 2 to 32 (5)
  --threshold T         how many of them are needed: 2 to N (3)
  --waiting-period P    from the last approval needed to the release: a whole
                        number with s, m or h, at most 60 days (3s)
  --secret-file F       the key to protect: any file up to 64 KiB, for example
                        one that ssh-keygen or age-keygen wrote
  --out G               where the recovered key is written, mode 0600
  --data-dir D          keep the service's and the devices' data in D, which
                        must be empty or not exist yet
  --record FILE         every HTTP body and socket frame, as JSON lines
  --json                one JSON object on stdout at the end; the story goes
                        to stderr
  --help                this text

Ends with "recovered: yes" and exit code 0, with "recovered: no" and 1, or
with 2 where a flag or a file is refused; nothing is written then.
`

const VALUES = [
  'contacts',
  'threshold',
  'waiting-period',
  'secret-file',
  'out',
  'data-dir',
  'record',
] as const
const SWITCHES = ['json', 'help'] as const
type ValueName = (typeof VALUES)[number]
type SwitchName = (typeof SWITCHES)[number]

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name)

interface Given {
  readonly values: ReadonlyMap<ValueName, string>
  readonly switches: ReadonlySet<SwitchName>
}

/** `--name value` and `--name=value`, each name once. Quotes nothing but names of flags: values may be private. */
const read = (args: readonly string[]): Given => {
  const values = new Map<ValueName, string>()
  const switches = new Set<SwitchName>()
  const left = [...args]
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const [, name = '', inline] = /^--([a-z-]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (isOneOf(SWITCHES, name)) {
      if (inline !== undefined) throw usage(`--${name} takes no value.`)
      switches.add(name)
    } else if (isOneOf(VALUES, name)) {
      if (values.has(name)) throw usage(`--${name} is given twice.`)
      const value = inline ?? left.shift()
      // A flag in the place of a value is a forgotten value; whoever means it writes --name=value.
      if (value === undefined || value === '' || (inline === undefined && value.startsWith('--')))
        throw usage(`--${name} needs a value.`)
      values.set(name, value)
    } else throw usage(name === '' ? 'There are no arguments but flags.' : `There is no flag --${name}.`)
  }
  return { values, switches }
}

const whole = (name: ValueName, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^\d{1,6}$/.test(text)) throw usage(`--${name} must be a whole number.`)
  return Number(text)
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }
const LONGEST_SECONDS = 60 * 24 * 3600

const seconds = (text: string): number => {
  const [, count = '', unit = ''] = /^(\d{1,7})([smh])$/.exec(text) ?? []
  const total = Number(count) * (UNIT_SECONDS[unit] ?? 0)
  if (total >= 1 && total <= LONGEST_SECONDS) return total
  throw usage('--waiting-period must be a number with s, m or h, from 1s to 1440h.')
}

/** The options, or `help`. Throws a Refusal for anything that is unknown, malformed or out of range. */
export const readOptions = (args: readonly string[]): Options | 'help' => {
  const { values, switches } = read(args)
  if (switches.has('help')) return 'help'
  const contacts = whole('contacts', values.get('contacts')) ?? 5
  if (contacts > MAX_CONTACTS) throw refusalOf('too_many_contacts')
  const threshold = whole('threshold', values.get('threshold')) ?? Math.min(3, contacts)
  if (threshold < 2 || threshold > contacts) throw refusalOf('threshold_out_of_range')
  return {
    contacts,
    threshold,
    waitingSeconds: seconds(values.get('waiting-period') ?? '3s'),
    secretFile: values.get('secret-file') ?? null,
    out: values.get('out') ?? null,
    dataDir: values.get('data-dir') ?? null,
    record: values.get('record') ?? null,
    json: switches.has('json'),
  }
}
