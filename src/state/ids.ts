import { uuidsIn } from '../pipelines/ids.js'

/** Ids that are given out while a mock runs; they meet no seeded one. */
const uuid = uuidsIn('7d3f0b6e-2c91-4e58-8a47-b5d10c9e6f32')

/** The `nth` new id: it looks like any, and is the same in every run. */
export const createdId = (nth: number): string => uuid(String(nth))
