import timers from 'node:timers'

/**
 * The timers of Node.js. This module reads them when it is loaded, so fake timers that a test installs later do not
 * replace them. The build replaces the global timers in all bundled packages with these timers, because jsdom has no
 * `setImmediate`.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers

/**
 * Resolves with the given value in the next turn of the event loop. Work that takes long is split into several turns,
 * so that other requests can run between them.
 */
export const inNextTurn = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value))
