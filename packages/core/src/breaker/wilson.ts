/** The 97.5 % point of the normal distribution: bounds of 95 % confidence. */
const Z = 1.96

/**
 * The lower bound of the Wilson score interval (Wilson, 1927): the smallest share of failures that `failures` out of `calls` are still
 * compatible with, at 95 % confidence. 0 for no calls.
 */
export function wilsonLowerBound(failures: number, calls: number): number {
  if (calls === 0) return 0
  const share = failures / calls
  const spread = Z * Math.sqrt((share * (1 - share) + Z ** 2 / (4 * calls)) / calls)
  return (share + Z ** 2 / (2 * calls) - spread) / (1 + Z ** 2 / calls)
}
