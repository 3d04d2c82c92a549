/** Number of runs of a property, set by FC_RUNS. The default keeps local tests fast; CI uses more. */
const RUNS = Number(process.env.FC_RUNS ?? 40)

/** Returns parameters for `fc.assert`. A `share` below 1 reduces the number of runs of a slow property. */
export const runs = (share = 1) => ({ numRuns: Math.ceil(RUNS * share) })
