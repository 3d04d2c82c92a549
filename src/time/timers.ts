import timers from 'node:timers'

/**
 * The timers of Node.js. They are read when this module is loaded, so fake timers that a test installs later do not
 * replace them. The build uses them in all bundled packages, too: jsdom has no `setImmediate`.
 */
export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
