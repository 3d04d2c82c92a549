// What Node has as globals, imported, so that a linter needs no list of them.
export { default as console } from 'node:console'
export { default as process } from 'node:process'
export { Buffer } from 'node:buffer'
export { URL } from 'node:url'
export { clearInterval, clearTimeout, setInterval, setTimeout } from 'node:timers'
