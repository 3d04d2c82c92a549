import { test } from '@playwright/test'
import * as mock from 'ionworks-mock'
import { story } from '../story.cjs'

test('the package works in Playwright', () => story(mock))
