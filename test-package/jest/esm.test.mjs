import * as mock from 'ionworks-mock'
import story from '../story.cjs'

test('the package works in Jest with ES modules', () => story.story(mock))
