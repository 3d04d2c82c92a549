/** Says in a schema what would be right where the schema alone does not: a text for faults, absent from the JSON Schema. */
export const expected = Symbol('expected')
