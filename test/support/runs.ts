/** Number of runs of a property, from the environment variable FC_RUNS. CI sets a higher number than the default. */
const RUNS = Number(process.env.FC_RUNS ?? 40)

/** Returns parameters for `fc.assert`. Slow properties use a `share` below 1: the fraction of `RUNS` to perform. */
export const runs = (share = 1) => ({ numRuns: Math.ceil(RUNS * share) })
