import { type Fixture, FixtureError, type Mock, type MockOptions, type Pipeline, startMock } from 'ionworks-mock'
import { connect, type MockControl } from 'ionworks-mock/client'

const fixtures: Fixture = { pipelines: [{ id: 'a', name: 'a', status: 'running', elements: [{ name: 'e' }] }] }
const options: MockOptions = { fixtures: [fixtures, new URL('file:///fixtures')], unknownPipeline: 404 }

export async function use(): Promise<string> {
  const mock: Mock = await startMock(options)
  const remote: MockControl = await connect(mock.url)
  const { status }: Pipeline = await remote.pipelines.get('a')
  await mock.faults.add({ operation: 'cancel_pipeline', respond: { status: 503 } })
  const [request] = await mock.requests.list({ operation: 'cancel_pipeline' })
  const to: string | undefined = request?.transitions[0]?.to
  await mock.close()
  return `${status} ${to} ${FixtureError.name}`
}

// @ts-expect-error: an unknown status
export const status: Fixture = { pipelines: [{ name: 'a', status: 'runing' }] }
// @ts-expect-error: an unknown option
export const option: MockOptions = { prot: 1 }
// @ts-expect-error: an unknown key of a fault
export const fault = (mock: Mock) => mock.faults.add({ operation: 'cancel', hang: true })
