import { test } from 'node:test'
import * as mock from 'ionworks-mock'
import { story } from '../story.cjs'

test('the package works in node:test', () => story(mock))
