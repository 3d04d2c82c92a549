const { story } = require('../story.cjs')

test('the package works in Jest', () => story(require('ionworks-mock')))
