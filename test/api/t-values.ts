/**
 * How surely two series of times differ. Where nothing but chance makes them differ, |t| exceeds 4.5 once in 150,000 times.
 */

/** Largest and smallest values, which are other people's doing, left out on each side. */
const TRIMMED = 0.1

const trimmed = (values: readonly number[]): readonly number[] => {
  const cut = Math.floor(values.length * TRIMMED)
  return values.toSorted((a, b) => a - b).slice(cut, values.length - cut)
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Variance of the mean. */
const spreadOf = (values: readonly number[]): number => {
  const mean = meanOf(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return squares / (values.length - 1) / values.length
}

/** Welch's t of two samples. */
export const welchT = (a: readonly number[], b: readonly number[]): number => {
  const [first, second] = [trimmed(a), trimmed(b)]
  return (meanOf(first) - meanOf(second)) / Math.sqrt(spreadOf(first) + spreadOf(second))
}

/** Student's t of the differences of pairs: sharper where both of a pair were asked in the same moment. */
export const pairedT = (a: readonly number[], b: readonly number[]): number => {
  const differences = trimmed(a.map((value, index) => value - (b[index] ?? 0)))
  return meanOf(differences) / Math.sqrt(spreadOf(differences))
}
