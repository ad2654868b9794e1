/**
 * Which folder may import what, and what pure code may not name. docs/CONTRIBUTING.md says it in prose; here it is checked,
 * with the offending edge in words.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** Type-only imports leave no trace in what runs: they are allowed in a few places more. */
interface Rule {
  /** Folder with a final slash, or one file; the longest that fits is the one that counts. */
  readonly at: string
  /** Folders and files that it may import beside itself. */
  readonly imports: readonly string[]
  /** Those of which it may import types only. */
  readonly types?: readonly string[]
  /** Packages, `#` imports and Node modules. `node:*` stands for all of Node. */
  readonly packages: readonly RegExp[]
}

const PROTOCOL = /^@holdfast\/client\/protocol$/
const NODE = /^node:/
const ANY = /./
const NOBLE = /^@noble\/(ciphers|curves|hashes)\//
const SDK = 'client-sdk/src/'
const RULES: readonly Rule[] = [
  {
    at: `${SDK}protocol/`,
    imports: ['active.ts', 'hkdf.ts', 'hpke.ts', 'primitives.ts'].map((file) => `${SDK}platform/${file}`),
    packages: [NOBLE, /^(zod\/mini|shamir-secret-sharing|hpke|@panva\/hpke-noble)$/],
  },
  {
    at: `${SDK}platform/`,
    imports: [`${SDK}protocol/bytes.ts`],
    packages: [NOBLE, /^(hpke|@panva\/hpke-noble|#platform)$/],
  },
  {
    at: `${SDK}platform/node`,
    imports: [`${SDK}platform/`, `${SDK}protocol/bytes.ts`],
    packages: [NOBLE, NODE],
  },
  { at: SDK, imports: [`${SDK}protocol/`, `${SDK}storage/`], packages: [/^zod\/mini$/] },
  { at: `${SDK}live.ts`, imports: [SDK], packages: [/^socket\.io-client$/] },
  { at: `${SDK}node.ts`, imports: [SDK], packages: [NODE] },
  { at: `${SDK}storage/`, imports: [SDK], packages: [] },
  { at: `${SDK}storage/file.ts`, imports: [SDK], packages: [NODE] },

  { at: 'src/domain/', imports: [], packages: [PROTOCOL] },
  { at: 'src/use-cases/', imports: ['src/domain/'], packages: [PROTOCOL, NOBLE, /^zod(\/mini)?$/] },
  {
    at: 'src/http/',
    imports: ['src/use-cases/', 'src/domain/', 'src/observe/'],
    types: ['src/config.ts', 'src/config-apps.ts'],
    packages: [PROTOCOL, NODE, /^(express|helmet|jose|rate-limiter-flexible|zod|zod-openapi)$/],
  },
  {
    at: 'src/realtime/',
    imports: ['src/use-cases/', 'src/domain/', 'src/observe/', 'src/redis.ts'],
    types: ['src/http/tokens.ts', 'src/config.ts'],
    packages: [PROTOCOL, NODE, /^socket\.io$/],
  },
  {
    at: 'workers/',
    imports: ['src/use-cases/', 'src/domain/', 'src/jobs/', 'src/observe/', 'src/closing.ts'],
    packages: [PROTOCOL, NODE, /^bullmq$/],
  },
  {
    at: 'src/store/',
    imports: ['src/use-cases/ports.ts', 'src/domain/'],
    packages: [PROTOCOL, NODE, NOBLE, /^(lmdb|mongoose)$/],
  },
  {
    at: 'src/jobs/',
    imports: ['src/use-cases/ports.ts', 'src/redis.ts', 'src/closing.ts'],
    packages: [PROTOCOL, NODE, /^(bullmq|zod|tsx\/esm\/api|@electric-sql\/pglite(-prepopulatedfs)?)$/],
  },
  {
    at: 'src/notify/',
    imports: ['src/use-cases/ports.ts', 'src/use-cases/channels.ts', 'src/domain/'],
    types: ['src/realtime/gateway.ts', 'src/config-apps.ts', 'src/config-notices.ts'],
    packages: [PROTOCOL, NODE, /^(nodemailer|web-push|standardwebhooks)$/],
  },
  { at: 'src/observe/', imports: [], packages: [PROTOCOL, NODE, /^(pino|prom-client)$/] },

  {
    at: 'src/config.ts',
    imports: [
      'src/config-reader.ts',
      'src/config-engines.ts',
      'src/config-apps.ts',
      'src/config-notices.ts',
      'src/use-cases/ports.ts',
      'src/observe/fail-points.ts',
    ],
    packages: [PROTOCOL, NODE, /^zod$/],
  },
  { at: 'src/config-apps.ts', imports: ['src/config-reader.ts'], packages: [PROTOCOL, NODE, /^zod$/] },
  {
    at: 'src/config-notices.ts',
    imports: ['src/config-reader.ts', 'src/config-apps.ts'],
    packages: [PROTOCOL, /^zod$/],
  },
  { at: 'src/config-engines.ts', imports: ['src/config-reader.ts'], packages: [/^zod$/] },
  { at: 'src/config-reader.ts', imports: ['src/use-cases/ports.ts'], packages: [PROTOCOL, NODE, /^zod$/] },
  { at: 'src/redis.ts', imports: [], packages: [/^ioredis$/] },
  { at: 'src/service-keys.ts', imports: ['src/use-cases/ports.ts'], packages: [PROTOCOL, NODE] },
  { at: 'src/data-folder.ts', imports: ['src/config-apps.ts'], packages: [PROTOCOL, NODE] },
  { at: 'src/compose.ts', imports: ['src/', 'workers/'], packages: [PROTOCOL, NODE] },
  // A part of compose.ts: queue and workers together.
  {
    at: 'src/background.ts',
    imports: ['src/jobs/', 'workers/', 'src/closing.ts'],
    types: ['src/use-cases/', 'src/observe/'],
    packages: [PROTOCOL],
  },
  { at: 'src/opened.ts', imports: [], packages: [] },
  { at: 'src/closing.ts', imports: [], packages: [] },
  {
    at: 'src/stores.ts',
    imports: ['src/store/', 'src/data-folder.ts', 'src/opened.ts'],
    types: ['src/config.ts', 'src/observe/', 'src/use-cases/ports.ts'],
    packages: [PROTOCOL],
  },
  { at: 'src/counted.ts', imports: [], types: ['src/jobs/', 'src/observe/', 'src/use-cases/'], packages: [] },
  // Another: what a process says of itself, and what is counted.
  {
    at: 'src/parts.ts',
    imports: ['src/observe/', 'src/use-cases/', 'src/domain/'],
    types: ['src/background.ts', 'src/jobs/', 'workers/', 'src/realtime/'],
    packages: [PROTOCOL],
  },
  {
    at: 'src/main.ts',
    imports: ['src/compose.ts', 'src/config.ts', 'src/config-reader.ts', 'src/observe/'],
    packages: [NODE],
  },
  // What stands outside of the service and uses it: the story, operator commands, the web app.
  {
    at: 'src/demo/',
    imports: ['src/compose.ts', 'src/config.ts', 'src/config-reader.ts', 'src/observe/'],
    packages: [/^@holdfast\/client(\/|$)/, ANY],
  },
  { at: 'src/operate/', imports: ['src/'], packages: [ANY] },
  { at: 'src/web/', imports: [], packages: [/^@holdfast\/client(\/|$)/, /^(?!node:|@holdfast)/] },
]

const FOLDERS = ['src', 'workers', 'client-sdk/src']

/** Names by which pure code would reach for time, chance, the process or the outside. */
const IMPURE =
  /(?<![\w$.])(Date|process|performance|set(?:Timeout|Interval|Immediate)|fetch|console|XMLHttpRequest|WebSocket|localStorage|indexedDB|globalThis|require)\b(?!\s*:)|\bMath\.random\b|(?<![\w$.])crypto\.\w/g
const PURE = ['src/domain/', `${SDK}protocol/`]
/** The one place of the protocol that may ask the platform for randomness. */
const RANDOM = `${SDK}protocol/secret.ts`

interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const STATEMENT = /^[ \t]*(?:import|export)\b([^'"();]*?)\bfrom\s*['"]([^'"]+)['"]/gm
const BARE = /^[ \t]*import\s*['"]([^'"]+)['"]/gm
const DYNAMIC = /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g

/** Code without comments; strings stay. */
const withoutComments = (code: string): string =>
  code.replace(
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (_, text?: string) => text ?? ' ',
  )
const withoutStrings = (code: string): string =>
  code.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")

/** Every import of a file, dynamic and type-only ones included. */
export const importsIn = (source: string): readonly Import[] => {
  const code = withoutComments(source)
  const from = [...code.matchAll(STATEMENT)].map(([, names = '', specifier = '']) => {
    const listed = names.match(/^\s*\{([^}]*)\}\s*$/)?.[1]
    const each = listed
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
    const inner = each !== undefined && each.length > 0 && each.every((name) => name.startsWith('type '))
    return { specifier, typeOnly: /^\s*type\b/.test(names) || inner }
  })
  const rest = [BARE, DYNAMIC].flatMap((form) =>
    [...code.matchAll(form)].map(([, specifier = '']) => specifier),
  )
  return [...from, ...rest.map((specifier) => ({ specifier, typeOnly: false }))]
}

const sourcesUnder = (root: string, folder: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesUnder(root, path)
    return /\.(ts|tsx|mts|mjs|js)$/.test(entry.name) ? [path] : []
  })

const isUnder = (path: string, place: string): boolean =>
  path === place || (!/\.\w+$/.test(place) && path.startsWith(place))

const ruleOf = (path: string): Rule | undefined =>
  RULES.filter(({ at }) => isUnder(path, at)).toSorted((a, b) => b.at.length - a.at.length)[0]

const refuseImport = (path: string, rule: Rule, { specifier, typeOnly }: Import): string | null => {
  if (!specifier.startsWith('.'))
    return rule.packages.some((allowed) => allowed.test(specifier)) ? null : `${path} → ${specifier}`
  const target = posix.normalize(posix.join(dirname(path), specifier))
  const own = ruleOf(target) === rule
  const allowed = [...rule.imports, ...(typeOnly ? (rule.types ?? []) : [])].some((place) =>
    isUnder(target, place),
  )
  return own || allowed ? null : `${path} → ${target}`
}

const impureIn = (path: string, source: string): readonly string[] => {
  if (!PURE.some((place) => path.startsWith(place))) return []
  const names = [...withoutStrings(withoutComments(source)).matchAll(IMPURE)].map(([name]) => name)
  const allowed = path === RANDOM ? /^(crypto|globalThis)/ : /^$/
  return names.filter((name) => !allowed.test(name)).map((name) => `${path} names ${name}`)
}

const environmentIn = (path: string, source: string): readonly string[] =>
  path !== 'src/config.ts' &&
  /\bprocess\.env\b/.test(withoutStrings(withoutComments(source))) &&
  !path.endsWith('.mjs')
    ? [`${path} reads process.env`]
    : []

/** Each file's imports of other files of the tree. */
const graphOf = (files: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...files].map(([path, source]) => [
      path,
      importsIn(source)
        .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
        .map(({ specifier }) => posix.normalize(posix.join(dirname(path), specifier)))
        .filter((target) => files.has(target)),
    ]),
  )

/** Circles of imports at run time, each once, from its alphabetically first file. */
const cyclesIn = (graph: ReadonlyMap<string, readonly string[]>): readonly string[] => {
  const found = new Set<string>()
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      const circle = trail.slice(at)
      const first = circle.indexOf(circle.toSorted()[0] ?? '')
      const turned = [...circle.slice(first), ...circle.slice(0, first)]
      found.add(`circle: ${[...turned, turned[0]].join(' → ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return [...found]
}

/** Everything in the tree at `root` that breaks a rule, in words; empty if nothing does. */
export const findForbidden = (
  root: string,
): { readonly files: number; readonly found: readonly string[] } => {
  const folders = FOLDERS.filter((folder) =>
    statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory(),
  )
  const paths = folders.flatMap((folder) => sourcesUnder(root, folder))
  const files = new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
  const found = [...files].flatMap(([path, source]) => {
    const rule = ruleOf(path)
    if (rule === undefined) return [`${path} stands in no layer`]
    const edges = importsIn(source).flatMap((one) => refuseImport(path, rule, one) ?? [])
    return [...edges, ...impureIn(path, source), ...environmentIn(path, source)]
  })
  return { files: files.size, found: [...found, ...cyclesIn(graphOf(files))].toSorted() }
}
