import timers from 'node:timers'

/**
 * The timers of Node.js. This module stores the functions when the module is loaded. Therefore fake timers that a test
 * installs later do not affect the mock. The build makes all bundled packages use these functions instead of the global
 * timers, because jsdom has no `setImmediate`.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers

/**
 * Resolves with the given value in the next turn of the event loop. Work that takes long is split into several turns,
 * so that other requests can run between them.
 */
export const inNextTurn = <T>(value: T) => new Promise<T>((resolve) => setImmediate(resolve, value))
