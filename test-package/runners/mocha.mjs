import * as mock from 'ionworks-mock'
import { story } from '../story.cjs'

it('works in Mocha', () => story(mock))
