import { delimiter } from 'node:path'
import t from 'tap'
import { readArguments } from '../src/cli/arguments.js'
import { help } from '../src/cli/help.js'
import { type OptionIssue, OptionsError } from '../src/options/error.js'
import { flagOf, OPTION_NAMES, OPTIONS, variableOf } from '../src/options/options.js'
import { SHIPPED_FIXTURES } from '../src/options/shipped.js'
import { parseSize } from '../src/contract/settings.js'

const DEFAULTS = {
  port: 4669,
  host: '127.0.0.1',
  fixtures: [SHIPPED_FIXTURES],
  strict: false,
  unknownPipeline: 422,
  requireKey: false,
  maxSandboxes: 10_000,
  memoryLimit: '384MiB',
  bodyLimit: '16MiB',
  elementLimit: 10_000,
  control: true,
  controlToken: '',
  allowedHost: [],
  grace: '5s',
  stopWithStdin: false,
  logLevel: 'info',
  json: false,
  version: false,
  help: false,
}

const settings = (args: string[], environment: Record<string, string> = {}) => readArguments(args, environment).settings

const issuesOf = (args: string[], environment: Record<string, string> = {}): readonly OptionIssue[] => {
  try {
    readArguments(args, environment)
    return []
  } catch (error) {
    if (error instanceof OptionsError) return error.issues
    throw error
  }
}

t.test('the default command is `start`, and every option that fixtures cannot set has a default', async (t) => {
  t.strictSame(readArguments([], {}), { command: 'start', settings: DEFAULTS, warnings: [] })
  t.strictSame(readArguments(['start'], {}).settings, DEFAULTS)
})

t.test('an option has the value of its flag, or else of its environment variable, or else its default', async (t) => {
  const values: Record<string, [text: string, value: unknown, other: string]> = {
    port: ['8080', 8080, '1'],
    host: ['::1', '::1', 'x'],
    fixtures: ['a.yaml', ['a.yaml'], 'b.yaml'],
    strict: ['true', true, 'false'],
    unknownPipeline: ['404', 404, '422'],
    requireKey: ['1', true, '0'],
    clock: ['frozen', 'frozen', 'frozen@2026-10-01T12:00:00Z'],
    progress: ['after=30s', 'after=30s', 'manual'],
    maxSandboxes: ['5', 5, '6'],
    memoryLimit: ['1GiB', '1GiB', '20000000'],
    bodyLimit: ['64KiB', '64KiB', '2048'],
    elementLimit: ['1', 1, '2'],
    control: ['false', false, 'true'],
    controlToken: ['secret', 'secret', 'other'],
    allowedHost: ['mock.example', ['mock.example'], 'x.example'],
    grace: ['PT1S', 'PT1S', '2s'],
    stopWithStdin: ['true', true, 'false'],
    logLevel: ['silent', 'silent', 'warn'],
    json: ['true', true, 'false'],
    version: ['true', true, 'false'],
    help: ['true', true, 'false'],
  }
  t.strictSame(Object.keys(values), OPTION_NAMES)
  for (const name of OPTION_NAMES) {
    const [text, value, other] = values[name] as [string, unknown, string]
    const [flag, variable] = [`${flagOf(name)}=${text}`, variableOf(name)]
    t.strictSame(settings([flag]), { ...DEFAULTS, [name]: value }, flag)
    if (variable === undefined) continue
    t.strictSame(settings([], { [variable]: text }), { ...DEFAULTS, [name]: value }, variable)
    t.strictSame(settings([flag], { [variable]: other }), { ...DEFAULTS, [name]: value }, `${flag} is used`)
    t.strictSame(settings([], { [variable]: '' }), DEFAULTS, `an empty ${variable} has no effect`)
  }
  t.equal(variableOf('unknownPipeline'), 'IONWORKS_MOCK_UNKNOWN_PIPELINE')
  t.equal(flagOf('unknownPipeline'), '--unknown-pipeline')
})

t.test('a boolean option accepts the usual words, in upper and lower case', async (t) => {
  const words = {
    true: ['true', 'True', 'TRUE', 'yes', 'Yes', 'on', 'ON', '1'],
    false: ['false', 'False', 'no', 'Off', '0'],
  }
  for (const value of [true, false])
    for (const text of words[`${value}`]) {
      t.equal(settings([`--control=${text}`]).control, value, text)
      t.equal(settings([], { IONWORKS_MOCK_CONTROL: text }).control, value, text)
    }
  for (const text of ['y', 'enabled', ' true', '2']) t.equal(issuesOf([`--control=${text}`])[0]?.code, 'invalid_value')
})

t.test('the command, `--version` and `--help` have no environment variables', async (t) => {
  for (const value of ['0.1.0', 'true', '1'])
    for (const name of ['VERSION', 'HELP', 'COMMAND', 'VALIDATE', 'START'])
      t.strictSame(readArguments([], { [`IONWORKS_MOCK_${name}`]: value }), {
        command: 'start',
        settings: DEFAULTS,
        warnings: [],
      })
})

t.test('flags can be repeated, negated or short, and environment variables can contain lists', async (t) => {
  t.match(settings(['--port', '1', '--strict', '--port', '2']), { port: 2, strict: true })
  t.match(settings(['--no-strict'], { IONWORKS_MOCK_STRICT: 'true' }), { strict: false })
  t.match(settings(['-h']), { help: true })
  t.match(settings(['--fixtures', 'a', '--fixtures=b']), { fixtures: ['a', 'b'] })
  t.match(settings([], { IONWORKS_MOCK_FIXTURES: ['a', 'b'].join(delimiter) }), { fixtures: ['a', 'b'] })
  t.match(settings(['--no-control']), { control: false })
  t.match(settings(['--allowed-host', 'a.b', '--allowed-host=c.d']), { allowedHost: ['a.b', 'c.d'] })
  t.match(settings([], { IONWORKS_MOCK_ALLOWED_HOST: 'a.b,c.d' }), { allowedHost: ['a.b', 'c.d'] })
  const hosts = [
    'mock',
    'Mock.Example',
    '.svc.cluster.local',
    '.local',
    'a_b.example',
    '10.0.0.1',
    'xn--bcher-kva.example',
  ]
  t.match(settings([], { IONWORKS_MOCK_ALLOWED_HOST: hosts.join(',') }), { allowedHost: hosts })
  t.match(settings(['--host', 'validate']), { host: 'validate' })
})

t.test('a size is a number of bytes, or a number with a unit in upper or lower case', async (t) => {
  const sizes = { '1024': 1024, '1KiB': 1024, '3mib': 3 * 1024 * 1024, '256MIB': 256 * 1024 * 1024 }
  for (const [text, bytes] of Object.entries(sizes))
    t.equal(parseSize(settings(['--body-limit', text]).bodyLimit), bytes, text)
})

t.test('`validate` gets paths from its arguments and flags, or else from IONWORKS_MOCK_FIXTURES', async (t) => {
  t.match(readArguments(['validate', 'a', 'b'], {}), { command: 'validate', settings: { fixtures: ['a', 'b'] } })
  t.match(readArguments(['validate', '--', '--a'], {}), { settings: { fixtures: ['--a'] } })
  t.match(readArguments(['validate'], { IONWORKS_MOCK_FIXTURES: 'c' }), { settings: { fixtures: ['c'] } })
  t.match(readArguments(['validate', '--fixtures', 'd'], {}), { settings: { fixtures: ['d'] } })
  t.match(readArguments(['validate', 'a', '--fixtures', 'd'], {}), { settings: { fixtures: ['a', 'd'] } })
  t.match(readArguments(['validate', 'a'], { IONWORKS_MOCK_FIXTURES: 'c' }), { settings: { fixtures: ['a'] } })
  t.match(readArguments(['validate'], { IONWORKS_MOCK_PORT: 'ignored' }), { settings: DEFAULTS })
})

t.test('`healthcheck` reads the host and the port as `start` does, and ignores the other variables', async (t) => {
  const variables = { IONWORKS_MOCK_HOST: '::1', IONWORKS_MOCK_PORT: '8080', IONWORKS_MOCK_GRACE: 'soon' }
  t.match(readArguments(['healthcheck'], variables), { command: 'healthcheck', settings: { host: '::1', port: 8080 } })
  t.match(settings(['healthcheck', '--port=1', '--host', 'x'], variables), { host: 'x', port: 1 })
  t.match(settings(['healthcheck'], { IONWORKS_MOCK_PORT: 'tcp://10.0.0.1:4669' }), { port: 4669 })
})

t.test('an invalid option gets an issue with a code, and with a message about what is expected', async (t) => {
  const { port, host, strict, unknownPipeline, bodyLimit, clock, progress, allowedHost, grace, logLevel } = OPTIONS
  type Expected = [option: string, code: string, ...named: string[]]
  const table: [args: string[], issues: Expected[], environment?: Record<string, string>][] = [
    [['--port', 'x'], [['--port', 'invalid_value', '"x"', port.expects]]],
    [['--port=65536'], [['--port', 'invalid_value', ' 65536,', port.expects]]],
    [['--port', '-1'], [['--port', 'invalid_value', '"-1"', port.expects]]],
    [['--port'], [['--port', 'missing_value', port.expects]]],
    [['--port', '--strict'], [['--port', 'missing_value', port.expects]]],
    ...['', '[::1]', '::1%lo', 'fe80::1%eth0', '127.0.0.1:80', 'http://localhost', 'a b', 'a/b', '256.1.1.1'].map(
      (text): [string[], Expected[]] => [
        [`--host=${text}`],
        [['--host', 'invalid_value', JSON.stringify(text), host.expects]],
      ],
    ),
    [['--prot', '1'], [['--prot', 'unknown_option', '"--port"']]],
    [['--no-port'], [['--no-port', 'unknown_option', '"--port"']]],
    [['--no-strickt'], [['--no-strickt', 'unknown_option', '"--strict"']]],
    [['-x'], [['-x', 'unknown_option']]],
    [['--strict=maybe'], [['--strict', 'invalid_value', '"maybe"', strict.expects]]],
    [['--unknown-pipeline', '500'], [['--unknown-pipeline', 'invalid_value', ' 500,', unknownPipeline.expects]]],
    ...[
      '*',
      '*.svc.cluster.local',
      'foo.bar.',
      '.',
      '..a',
      'a..b',
      'mock.example:4669',
      'http://x',
      '::1',
      'a b',
      'ü.de',
    ].map((text): [string[], Expected[]] => [
      [`--allowed-host=${text}`],
      [['--allowed-host', 'invalid_value', `'${text}'`, allowedHost.expects]],
    ]),
    ...['16M', '16 MiB', '0.5MiB', '-1', '1GiB', '1B', '0KiB', '257mib'].map((text): [string[], Expected[]] => [
      ['--body-limit', text],
      [['--body-limit', 'invalid_value', `"${text}"`, bodyLimit.expects]],
    ]),
    [['--body-limit', '1023'], [['--body-limit', 'invalid_value', ' 1023,', bodyLimit.expects]]],
    ...['5', '1000h', '-PT5S'].map((text): [string[], Expected[]] => [
      ['--grace', text],
      [['--grace', 'invalid_value', `"${text}"`, grace.expects]],
    ]),
    ...['realtime', 'frozen@', 'frozen@tomorrow', 'frozen@2026-10-01', 'real@2026-10-01T12:00:00Z', '@'].map(
      (text): [string[], Expected[]] => [['--clock', text], [['--clock', 'invalid_value', `"${text}"`, clock.expects]]],
    ),
    ...['30s', 'after', 'after=', 'after=30', 'after=-PT1S', 'after=1d', 'Manual'].map(
      (text): [string[], Expected[]] => [
        ['--progress', text],
        [['--progress', 'invalid_value', `"${text}"`, progress.expects]],
      ],
    ),
    [['--log-level', 'inf'], [['--log-level', 'invalid_value', '"inf"', logLevel.expects, '"info"']]],
    [[], [['IONWORKS_MOCK_PORT', 'invalid_value', '"udp://x"', port.expects]], { IONWORKS_MOCK_PORT: 'udp://x' }],
    [['serve'], [['serve', 'unknown_command', 'start, validate']]],
    [['strat'], [['strat', 'unknown_command', '"start"']]],
    [['start', 'a.yaml'], [['a.yaml', 'unexpected_argument', '--fixtures']]],
    [['validate', '--port', '1'], [['--port', 'unaccepted_option', 'validate']]],
    [['healthcheck', '--strict'], [['--strict', 'unaccepted_option', 'healthcheck']]],
    [['healthcheck', 'a.yaml'], [['a.yaml', 'unexpected_argument']]],
    [['health'], [['health', 'unknown_command', '"healthcheck"']]],
    [
      ['--port', 'x', '--unknown-pipeline=1', '--nothing'],
      [
        ['--nothing', 'unknown_option'],
        ['--port', 'invalid_value', '"x"', port.expects],
        ['IONWORKS_MOCK_STRICT', 'invalid_value', '"ja"', strict.expects],
        ['--unknown-pipeline', 'invalid_value', ' 1,', unknownPipeline.expects],
      ],
      { IONWORKS_MOCK_STRICT: 'ja' },
    ],
  ]
  for (const [args, expected, environment] of table) {
    const issues = issuesOf(args, environment)
    t.strictSame(
      issues.map(({ option, code }) => [option, code]),
      expected.map(([option, code]) => [option, code]),
      args.join(' '),
    )
    for (const [i, [option, , ...named]] of expected.entries())
      for (const part of [option, ...named]) t.match(issues[i]?.message, part, `the message contains ${part}`)
  }
  for (const flag of ['-x', '--nothing']) t.notMatch(issuesOf([flag])[0]?.message, '"', 'the message has no suggestion')
})

t.test('a misspelled environment variable gets a warning, but a variable set by Kubernetes does not', async (t) => {
  const environment = {
    IONWORKS_MOCK_PROT: '1',
    IONWORKS_MOCK_SERVICE_HOST: '10.0.0.1',
    IONWORKS_MOCK_PORT: 'tcp://10.0.0.1:4669',
    IONWORKS_MOCK_PORT_4669_TCP_ADDR: 'x',
    IONWORKS_API_KEY: 'x',
  }
  const { warnings } = readArguments([], environment)
  t.match(warnings, ['IONWORKS_MOCK_PROT'])
  t.match(warnings, ['"IONWORKS_MOCK_PORT"'])
  t.equal(warnings.length, 1)
})

t.test('the help lists every option with its variable and default', async (t) => {
  const text = help()
  for (const name of OPTION_NAMES) {
    t.match(text, new RegExp(` --(\\[no-\\])?${flagOf(name).slice(2)}\\b`))
    t.match(text, OPTIONS[name].help)
    if (variableOf(name)) t.match(text, `${variableOf(name)}, default`)
  }
  t.match(text, /\bdefault\b.* battery lab$/m)
  t.notMatch(text, SHIPPED_FIXTURES)
})
