/** The amount of work in a full run. */
export const FULL = {
  fuzzed: 20_000,
  slowConnections: 200,
  pipelined: 1000,
  connections: 5000,
  bigBodies: true,
  mutations: 100_000,
  kills: 50,
  stops: 20,
  cycles: 1000,
  journalRequests: 110_000,
  requests: 5_000_000,
  sandboxes: 50_000,
}
export type Sizes = typeof FULL

/** The amount of work in a quick run, which takes about two minutes. */
export const QUICK: Sizes = {
  ...FULL,
  fuzzed: 1000,
  slowConnections: 50,
  connections: 1000,
  bigBodies: false,
  mutations: 2000,
  kills: 5,
  stops: 3,
  cycles: 50,
  journalRequests: 5000,
  requests: 50_000,
  sandboxes: 5000,
}
