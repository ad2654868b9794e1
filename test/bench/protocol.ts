/**
 * protect, accept, approve and recover beside the primitives that they cannot avoid, and beside the same code on pure noble.
 */
import {
  Secret,
  buildApproval,
  buildCompletion,
  buildEpoch,
  canonicalize,
  checkOffer,
  openRelease,
  signAcceptance,
  stateDevice,
} from '@holdfast/client/protocol'
import { acceptFloor, approveFloor, protectFloor, recoverFloor, type Lengths } from './floors.ts'
import { noble, platform, usePrimitives, type Primitives } from './parts.ts'
import {
  apart,
  approvalInput,
  coldKeys,
  newCircle,
  newProtected,
  newRelease,
  newRequest,
  offerOf,
  type Size,
} from './people.ts'
import { byTurns, lane, median, quantile, type AnyLane, type Sample } from './sampling.ts'

/** One operation: how it is prepared, what is timed, and the primitives below it. */
interface Operation {
  readonly name: string
  readonly prepare: () => Promise<() => Promise<unknown>>
  readonly floor: AnyLane
  /** Most of noble's time that it may take; null where no target was set. */
  readonly mostOfNoble: number | null
}

const SMALL: Size = { threshold: 3, contacts: 5 }
const LARGE: Size = { threshold: 5, contacts: 9 }

const lengthsOf = async (size: Size): Promise<Lengths> => {
  const circle = await newProtected(size)
  const { built } = circle
  const asked = await newRequest(circle)
  const { release } = await newRelease(circle, asked)
  const bytesIn = (text: string): number => Math.floor((text.length * 3) / 4)
  return {
    core: canonicalize(built.core).length,
    manifest: built.manifest.body.length,
    entry: canonicalize(built.entries[0] ?? null).length,
    share: bytesIn(built.shares[0]?.sealed ?? '') - 48,
    handed: bytesIn(release.approvals[0]?.sealed ?? '') - 48,
    payload: bytesIn(built.payload) - 40,
    request: asked.request.body.length,
    statement: 450,
  }
}

const protect = (size: Size, lengths: Lengths): Operation => ({
  name: `protect ${size.threshold} of ${size.contacts}`,
  async prepare() {
    const { plan } = await newCircle(size)
    return () => buildEpoch(plan)
  },
  floor: lane({ name: 'floor', ...protectFloor(size, lengths) }),
  mostOfNoble: 0.3,
})

const accept = (size: Size, lengths: Lengths): Operation => ({
  name: 'accept',
  async prepare() {
    const circle = await newProtected(size)
    const identity = await coldKeys(circle.contacts[0]?.seed as Secret)
    const offer = offerOf(circle, 1, identity)
    return async () => {
      const { pin, checkKey } = await checkOffer(offer)
      return signAcceptance({ pin, checkKey, account: offer.account, identity })
    }
  },
  floor: lane({ name: 'floor', ...acceptFloor(lengths) }),
  mostOfNoble: 0.3,
})

const approve = (size: Size, lengths: Lengths): Operation => ({
  name: 'approve',
  async prepare() {
    const circle = await newProtected(size)
    const asked = await newRequest(circle)
    const known = await approvalInput(circle, asked, 1, await coldKeys(circle.contacts[0]?.seed as Secret))
    const identity = await coldKeys(circle.contacts[0]?.seed as Secret)
    return () => buildApproval({ ...known, identity })
  },
  floor: lane({ name: 'floor', ...approveFloor(lengths) }),
  mostOfNoble: null,
})

const recover = (size: Size, lengths: Lengths): Operation => ({
  name: `recover ${size.threshold} of ${size.contacts}`,
  async prepare() {
    const circle = await newProtected(size)
    const asked = await newRequest(circle)
    const { release, confirmed } = await newRelease(circle, asked)
    const requester = await coldKeys(asked.seed)
    const deviceSeed = Secret.random(32)
    const { recovery, requestHash } = asked
    const { account } = circle.owner
    return async () => {
      const { identity, coreHash } = await openRelease({ release, requester, requestHash, confirmed })
      const { device } = await stateDevice({ account, deviceSeed, identity, registeredAt: 0 })
      return buildCompletion({ account, recovery, coreHash, requester, identity, next: null, device })
    }
  },
  floor: lane({ name: 'floor', ...recoverFloor(size, lengths) }),
  mostOfNoble: 0.35,
})

const on = (primitives: Primitives, { prepare }: Operation): Pick<AnyLane, 'prepare' | 'run'> => ({
  prepare: () => apart(prepare),
  run(run) {
    usePrimitives(primitives)
    return (run as () => Promise<unknown>)()
  },
})

export interface OperationFigures {
  readonly name: string
  readonly medianMs: number
  readonly p95Ms: number
  readonly floorMs: number
  readonly nobleMs: number
  /** Median of processor time over the primitives'. */
  readonly ofFloor: number
  /** The same over noble's. */
  readonly ofNoble: number
  readonly mostOfNoble: number | null
}

const beside = async (operation: Operation, other: AnyLane, rounds: number) => {
  const ours = { name: 'ours', ...on(platform, operation) }
  // Until the engine has compiled all of it well: after some 150 runs.
  const samples = await byTurns([ours, other], { rounds, warmUp: Math.ceil(rounds * 0.8) })
  const of = (name: string, kind: keyof Sample) => (samples.get(name) ?? []).map((sample) => sample[kind])
  return {
    oursMs: of('ours', 'wallMs'),
    otherMs: median(of(other.name, 'wallMs')),
    ratio: median(of('ours', 'processorMs')) / median(of(other.name, 'processorMs')),
  }
}

const withFloor = async (operation: Operation, rounds: number) => {
  const { oursMs, otherMs: floorMs, ratio: ofFloor } = await beside(operation, operation.floor, rounds)
  return { medianMs: median(oursMs), p95Ms: quantile(oursMs, 0.95), floorMs, ofFloor }
}

const withNoble = async (operation: Operation, rounds: number) => {
  const pure = { name: 'noble', ...on(noble, operation) }
  const { otherMs: nobleMs, ratio: ofNoble } = await beside(operation, pure, rounds)
  return { nobleMs, ofNoble, mostOfNoble: operation.mostOfNoble }
}

const operationsOf = async (): Promise<readonly Operation[]> => {
  const [small, large] = [await lengthsOf(SMALL), await lengthsOf(LARGE)]
  return [
    protect(SMALL, small),
    protect(LARGE, large),
    accept(SMALL, small),
    approve(SMALL, small),
    recover(SMALL, small),
    recover(LARGE, large),
  ]
}

/**
 * Figures of each operation; `rounds`: how often each is measured. Noble comes after all else: code that has run on two
 * platforms is compiled for two, which no device has.
 */
export const measureProtocol = async (rounds: number): Promise<readonly OperationFigures[]> => {
  const operations = await operationsOf()
  const fast: Awaited<ReturnType<typeof withFloor>>[] = []
  for (const operation of operations) fast.push(await withFloor(operation, rounds))
  const figures: OperationFigures[] = []
  for (const [index, operation] of operations.entries()) {
    const slow = await withNoble(operation, Math.ceil(rounds / 6))
    figures.push({ name: operation.name, ...(fast[index] as (typeof fast)[number]), ...slow })
  }
  usePrimitives(platform)
  return figures
}
