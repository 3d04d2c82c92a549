import * as mock from 'ionworks-mock'
import { story } from '../story.cjs'

it('the package works in Mocha', () => story(mock))
