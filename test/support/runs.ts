/** The number of random inputs for each property test. CI sets FC_RUNS to a higher number than the default. */
const RUNS = Number(process.env.FC_RUNS ?? 40)

/** Returns parameters for `fc.assert`. A slow property test uses only the fraction `share` of the random inputs. */
export const runs = (share = 1) => ({ numRuns: Math.ceil(RUNS * share) })
