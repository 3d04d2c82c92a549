import timers from 'node:timers'

/**
 * The timers of Node.js. This module reads them when it is loaded, so fake timers that a test installs later do not
 * replace them. The build replaces the global timers in all bundled packages with these timers, because jsdom has no
 * `setImmediate`.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
