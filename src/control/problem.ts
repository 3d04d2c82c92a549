import { STATUS_CODES } from 'node:http'
import { type Fault, formatFault } from '../diagnostics/issue.js'
import type { Problem } from './shapes.js'

/** A call of control that was refused: nothing has changed. In process it is thrown, over HTTP it is a problem document. */
export class ControlError extends Error {
  override readonly name = 'ControlError'

  /** `faults` are those of what was sent, if that is why. */
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly faults: readonly Fault[] = [],
  ) {
    super([reason, ...faults.map(formatFault)].join('\n'))
  }
}

/** The problem document of a refusal. */
export const problemOf = ({ status, reason, faults }: ControlError): Problem => ({
  title: STATUS_CODES[status] as string,
  status,
  detail: reason,
  ...(faults.length > 0 && {
    errors: faults.map(({ message, path, position }) => ({
      message,
      ...(path && { path: [...path] }),
      ...(position && { position }),
    })),
  }),
})
