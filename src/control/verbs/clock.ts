import type { Static } from '@sinclair/typebox'
import { Enum, Named, optional } from '../../contract/schema.js'
import { DateTime, Duration } from '../../contract/values.js'
import type { Sandbox } from '../../state/sandbox.js'
import { CLOCK_MODES, isDate } from '../../time/clock.js'
import { parseDuration } from '../../time/duration.js'
import { instantAt, later, parseInstant } from '../../time/instant.js'
import { ControlError } from '../problem.js'
import { method, verb } from '../verb.js'

const Mode = Enum('ClockMode', CLOCK_MODES, {
  description:
    'real: the clock follows its source, by default the clock of the machine; frozen: the clock stands still; ' +
    'offset: the clock runs with a constant difference from its source',
})

const ClockState = Named('Clock', { mode: Mode, now: DateTime })

const ClockChange = Named('ClockChange', {
  mode: Mode,
  now: optional(DateTime, 'New time of the clock. Default: the current time of the clock. Ignored if the mode is real'),
})

const stateOf = ({ clock }: Sandbox): Static<typeof ClockState> => ({ mode: clock.mode, now: clock.now() })

export const clockVerbs = {
  get_clock: verb('GET /clock', 'Read the clock', { response: ClockState }, ({ sandbox }) => stateOf(sandbox)),

  set_clock: verb('PUT /clock', 'Set the clock', { body: ClockChange, response: ClockState }, ({ sandbox, body }) => {
    const at = body.now === undefined ? undefined : parseInstant(body.now)
    sandbox.setClock((clock) => {
      if (body.mode === 'frozen') clock.freeze(at)
      else if (body.mode === 'offset') clock.run(at)
      else clock.followSource()
    })
    return stateOf(sandbox)
  }),

  advance_clock: verb(
    'POST /clock/advance',
    'Move the clock forward',
    { body: Named('Advance', { by: Duration }), response: ClockState, errors: ['time_out_of_range'] },
    ({ sandbox, body: { by } }) => {
      const at = later(sandbox.clock.now(), parseDuration(by) as number)
      if (at === undefined)
        throw new ControlError('time_out_of_range', `by: ${by} from now is after the year 9999; use a shorter duration`)
      sandbox.setClock((clock) => (clock.mode === 'frozen' ? clock.freeze(at) : clock.run(at)))
      return stateOf(sandbox)
    },
  ),
}

const { get_clock, set_clock, advance_clock } = clockVerbs
const nothing = () => undefined

/**
 * Returns the body of a call that freezes the clock. Replaces a Date that is invalid or outside the years 0 to 9999
 * with a text that the control API rejects.
 */
const frozen = (at?: string | Date) => ({
  mode: 'frozen' as const,
  ...(at !== undefined && { now: isDate(at) ? (instantAt(at.getTime()) ?? 'Invalid Date') : at }),
})

export const clock = {
  now: method(
    get_clock,
    () => ({}),
    ({ now }) => now,
  ),
  freeze: method(set_clock, (at?: string | Date) => ({ body: frozen(at) }), nothing),
  advance: method(advance_clock, (by: string) => ({ body: { by } }), nothing),
  resume: method(set_clock, () => ({ body: { mode: 'offset' as const } }), nothing),
}
