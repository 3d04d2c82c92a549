/** @jest-environment jsdom */
const { story } = require('../story.cjs')

test('the package works in jsdom', () => story(require('ionworks-mock')))
