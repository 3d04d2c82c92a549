import { v5 as uuid } from 'uuid'

/** Names the ids that are given out while a mock runs, so that they meet no seeded one. */
const NAMESPACE = '7d3f0b6e-2c91-4e58-8a47-b5d10c9e6f32'

/** The `nth` new id: it looks like any, and is the same in every run. */
export const createdId = (nth: number): string => uuid(String(nth), NAMESPACE)
