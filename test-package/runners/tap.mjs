import * as mock from 'ionworks-mock'
import t from 'tap'
import { story } from '../story.cjs'

t.test('the package works in tap', () => story(mock))
