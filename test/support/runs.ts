/** How often a property is tried. FC_RUNS sets it: few runs find the coarse errors at once, CI takes its time. */
const RUNS = Number(process.env.FC_RUNS ?? 40)

/** Parameters of `fc.assert`. `share` is less than 1 for a property of which each run is slow. */
export const runs = (share = 1) => ({ numRuns: Math.ceil(RUNS * share) })
