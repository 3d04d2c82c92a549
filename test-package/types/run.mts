// scripts/check-package.ts compiles this program with strict compiler options, and then runs it.
import assert from 'node:assert/strict'
import { type Fixture, FixtureError, type Mock, type MockOptions, type Pipeline, startMock } from 'ionworks-mock'
import { connect, ExpectationError, type MockControl } from 'ionworks-mock/client'

const fixtures: Fixture = { pipelines: [{ id: 'a', name: 'a', status: 'running' }] }
const options: MockOptions = { fixtures, unknownPipeline: 404 }
// @ts-expect-error: an unknown status
const wrong: Fixture = { pipelines: [{ name: 'a', status: 'runing' }] }

await using mock: Mock = await startMock(options)
const response = await fetch(`${mock.url}/pipelines/a/cancel`, { method: 'POST' })
const canceled = (await response.json()) as Pipeline
assert.equal(canceled.status, 'canceled')
const { status }: Pipeline = await mock.pipelines.get('a')
assert.equal(status, canceled.status)
await assert.rejects(mock.seed(wrong), FixtureError)

const remote: MockControl = await connect(mock.url)
await assert.rejects(remote.sandbox('b').expectCanceled('a'), ExpectationError)
// @ts-expect-error: an unknown operation
await assert.rejects(remote.faults.add({ operation: 'cancel', hang: true }))
