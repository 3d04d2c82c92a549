/// <reference lib="dom" />
import type { Page } from 'playwright-core'

/** The URLs that an attack uses. */
export interface Target {
  /** The base URL of the control API. */
  readonly control: string
  /** The origin of the attacking site, which redirects requests for `/away?<url>` to `<url>`. */
  readonly site: string
}

/** An attempt by a page of another site to use the control API. */
export interface Attack {
  readonly title: string
  /** The number of requests that the mock must receive. With fewer requests, the attack has not tested the mock. */
  readonly requests: number
  /** Whether the attack navigates the page to the mock. Default: false. */
  readonly navigates?: boolean
  /** Runs the attack in a page. Resolves to everything that the page could read. */
  readonly run: (page: Page, target: Target) => Promise<unknown>
}

export interface PageRequest {
  readonly url: string
  readonly method?: string
  readonly mode?: 'cors' | 'no-cors'
  readonly credentials?: 'include'
  readonly headers?: Record<string, string>
  readonly body?: string | null
}

/**
 * Sends requests from a page with `fetch`. Resolves to the responses as the page sees them. If `fetch` rejects, the
 * status is 0 and the body is the error message.
 */
export const fetchInPage = (page: Page, requests: readonly PageRequest[]) =>
  page.evaluate(async (all) => {
    const fetchOne = async ({ url, ...options }: PageRequest) => {
      const response = await fetch(url, options)
      return { status: response.status, body: await response.text(), headers: [...response.headers] }
    }
    const failure = (error: unknown) => ({ status: 0, body: String(error), headers: [] })
    return Promise.all(all.map((request) => fetchOne(request).catch(failure)))
  }, requests)

const byFetch = (title: string, requests: number, list: (target: Target) => PageRequest[]): Attack => ({
  title: `fetch, ${title}`,
  requests,
  run: (page, target) => fetchInPage(page, list(target)),
})

/** Returns an attack that runs a function in the page. The function cannot use other definitions of this file. */
const byPage = (title: string, requests: number, run: (target: Target) => unknown): Attack => ({
  title,
  requests,
  run: (page, target) => page.evaluate(run, target),
})

/** Returns an attack whose function navigates the page to the mock. */
const byNavigation = (title: string, run: (target: Target) => void): Attack => ({
  ...byPage(title, 1, run),
  navigates: true,
})

export const ATTACKS: readonly Attack[] = [
  byFetch('POST of plain text', 6, ({ control }) =>
    Object.entries({
      '/reset': '',
      '/seed': '{"pipelines":[]}',
      '/pipelines': '{"pipelines":[{"name":"planted"}]}',
      '/faults': '{"respond":{"status":503}}',
      '/clock/advance': '{"by":"1h"}',
      '/snapshots/kept/restore': '',
    }).map(([path, body]) => ({ url: control + path, method: 'POST', mode: 'no-cors', body })),
  ),
  byFetch('POST with credentials, in cors mode', 2, ({ control }) =>
    ['/reset', '/faults/fault-1/release'].map((path) => ({
      url: control + path,
      method: 'POST',
      credentials: 'include',
    })),
  ),
  byFetch('methods and content types that need a preflight', 5, ({ control }) => {
    const request = (method: string, path: string, body: string | null = null) => ({
      url: control + path,
      method,
      body,
    })
    return [
      request('PUT', '/clock', '{"mode":"real"}'),
      request('PUT', '/snapshots/planted'),
      request('DELETE', '/faults/fault-1'),
      request('PATCH', '/pipelines/fit', '{"status":"completed"}'),
      request('POST', '/reset', '{}'),
    ].map((one) => ({ ...one, headers: { 'content-type': 'application/json' } }))
  }),
  byFetch('GET', 14, ({ control }) =>
    ['/state', '/requests', '/faults', '/pipelines', '/sandboxes', '/info', '/openapi.json'].flatMap((path) =>
      (['cors', 'no-cors'] as const).map((mode) => ({ url: control + path, mode })),
    ),
  ),
  byFetch('POST redirected by the other site', 2, ({ control, site }) =>
    ['/reset', '/seed'].map((path) => ({
      url: `${site}/away?${control}${path}`,
      method: 'POST',
      mode: 'no-cors',
      body: '{"pipelines":[]}',
    })),
  ),
  byPage('XMLHttpRequest, POST', 1, async ({ control }) => {
    const request = new XMLHttpRequest()
    request.open('POST', `${control}/reset`)
    request.send()
    await new Promise((resolve) => (request.onloadend = resolve))
    return request.responseText
  }),
  byPage('sendBeacon', 2, ({ control }) => {
    navigator.sendBeacon(`${control}/reset`)
    navigator.sendBeacon(`${control}/clock/advance`, '{"by":"1h"}')
  }),
  byPage('plain-text form in a frame', 2, async ({ control }) => {
    const submit = (path: string, name?: string, value = '') =>
      new Promise((resolve) => {
        const frame = Object.assign(document.createElement('iframe'), { name: control + path })
        const form = document.createElement('form')
        Object.assign(form, { method: 'post', enctype: 'text/plain', action: control + path, target: frame.name })
        if (name) form.append(Object.assign(document.createElement('input'), { name, value }))
        document.documentElement.append(frame, form)
        // If the mock admits the reset, its response (204) loads no document in the frame, and the attack times out.
        frame.onload = () => resolve(frame.contentDocument?.documentElement.textContent)
        form.submit()
      })
    return [await submit('/reset'), await submit('/faults', '{"respond":{"status":503,"body":"', '"}}')]
  }),
  byNavigation('form that navigates the page', ({ control }) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: `${control}/reset` })
    document.documentElement.append(form)
    form.submit()
  }),
  byNavigation('link that navigates the page', ({ control }) => location.assign(`${control}/state`)),
  byPage('window opened by the page', 1, async ({ control }) => {
    const opened = open(`${control}/state`)
    if (!opened) return 'the browser did not open a window'
    try {
      while (opened.location.href === 'about:blank' || opened.document.readyState !== 'complete')
        await new Promise((resolve) => setTimeout(resolve, 20))
      return opened.document.documentElement.textContent
    } catch (error) {
      return String(error)
    } finally {
      opened.close()
    }
  }),
  byPage('img, script, link, object and iframe', 10, async ({ control }) => {
    const seen: string[] = []
    globalThis.onerror = (...details) => void seen.push(...details.map(String))
    const load = (tag: string, attributes: object) =>
      new Promise<void>((resolve) => {
        const element = Object.assign(document.createElement(tag), attributes)
        element.onload = element.onerror = (event) => {
          const { contentDocument } = element as { contentDocument?: Document | null }
          seen.push(`${tag} ${(event as Event).type} ${contentDocument?.documentElement.textContent ?? ''}`)
          resolve()
        }
        document.documentElement.append(element)
      })
    for (const url of [`${control}/state`, `${control}/requests`]) {
      await load('img', { src: url })
      await load('script', { src: url })
      await load('link', { rel: 'stylesheet', href: url })
      await load('object', { data: url })
      await load('iframe', { src: url })
    }
    return seen
  }),
  byPage('iframe with an opaque origin', 2, async ({ control }) => {
    const srcdoc = `<script>
      Promise.all([
        fetch('${control}/reset', { method: 'POST', mode: 'no-cors' }).then((response) => response.text(), String),
        fetch('${control}/state').then((response) => response.text(), String),
      ]).then((seen) => parent.postMessage(seen, '*'))
    </script>`
    const frame = Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts', srcdoc })
    document.documentElement.append(frame)
    return new Promise((resolve) => (globalThis.onmessage = ({ data }) => resolve(data)))
  }),
  byPage('EventSource', 1, async ({ control }) => {
    const source = new EventSource(`${control}/requests`)
    return new Promise((resolve) => {
      source.onmessage = ({ data }) => resolve(data)
      source.onerror = () => resolve(source.close())
    })
  }),
  byPage('WebSocket', 2, ({ control }) =>
    Promise.all(
      ['/state', '/reset'].map(
        (path) =>
          new Promise((resolve) => {
            const socket = new WebSocket(control.replace('http', 'ws') + path)
            socket.onmessage = ({ data }) => resolve(data)
            socket.onclose = ({ code, reason }) => resolve(`${code} ${reason}`)
          }),
      ),
    ),
  ),
]
