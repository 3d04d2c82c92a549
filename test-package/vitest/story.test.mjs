import * as mock from 'ionworks-mock'
import { test } from 'vitest'
import { story } from '../story.cjs'

test('the package works in Vitest', () => story(mock))
