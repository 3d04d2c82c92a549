import { delimiter } from 'node:path'
import t from 'tap'
import { readArguments } from '../src/cli/arguments.js'
import { help } from '../src/cli/help.js'
import { flagOf, OPTION_NAMES, OPTIONS, OptionsError, variableOf } from '../src/options/options.js'
import { SHIPPED_FIXTURES } from '../src/options/shipped.js'

const DEFAULTS = {
  port: 4669,
  host: '127.0.0.1',
  fixtures: [SHIPPED_FIXTURES],
  strict: false,
  unknownPipeline: 422,
  requireKey: false,
  clock: 'real',
  progress: 'manual',
  maxSandboxes: 10_000,
  control: true,
  controlToken: '',
  allowedHost: [],
  grace: '5s',
  logLevel: 'info',
  json: false,
  version: false,
  help: false,
}

const settings = (args: string[], environment: Record<string, string> = {}) => readArguments(args, environment).settings

const faults = (args: string[], environment: Record<string, string> = {}): readonly string[] => {
  try {
    readArguments(args, environment)
    return []
  } catch (error) {
    if (error instanceof OptionsError) return error.faults
    throw error
  }
}

t.test('nothing said is start with the defaults', async (t) => {
  t.strictSame(readArguments([], {}), { command: 'start', settings: DEFAULTS, warnings: [] })
  t.strictSame(readArguments(['start'], {}).settings, DEFAULTS)
})

t.test('every option comes by its flag and by its variable, and the flag wins', async (t) => {
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
    control: ['false', false, 'true'],
    controlToken: ['secret', 'secret', 'other'],
    allowedHost: ['mock.example', ['mock.example'], 'x.example'],
    grace: ['PT1S', 'PT1S', '2s'],
    logLevel: ['silent', 'silent', 'warn'],
    json: ['true', true, 'false'],
    version: ['true', true, 'false'],
    help: ['true', true, 'false'],
  }
  t.strictSame(Object.keys(values), OPTION_NAMES)
  for (const [name, [text, value, other]] of Object.entries(values)) {
    const flag = `${flagOf(name)}=${text}`
    t.strictSame(settings([], { [variableOf(name)]: text }), { ...DEFAULTS, [name]: value }, variableOf(name))
    t.strictSame(settings([flag]), { ...DEFAULTS, [name]: value }, flag)
    t.strictSame(settings([flag], { [variableOf(name)]: other }), { ...DEFAULTS, [name]: value }, `${flag} wins`)
    t.strictSame(settings([], { [variableOf(name)]: '' }), DEFAULTS, `${variableOf(name)} may be empty`)
  }
  t.equal(variableOf('unknownPipeline'), 'IONWORKS_MOCK_UNKNOWN_PIPELINE')
  t.equal(flagOf('unknownPipeline'), '--unknown-pipeline')
})

t.test('flags are written as everyone writes them', async (t) => {
  t.match(settings(['--port', '1', '--strict', '--port', '2']), { port: 2, strict: true })
  t.match(settings(['--no-strict'], { IONWORKS_MOCK_STRICT: 'true' }), { strict: false })
  t.match(settings(['-h']), { help: true })
  t.match(settings(['--fixtures', 'a', '--fixtures=b']), { fixtures: ['a', 'b'] })
  t.match(settings([], { IONWORKS_MOCK_FIXTURES: ['a', 'b'].join(delimiter) }), { fixtures: ['a', 'b'] })
  t.match(settings(['--no-control']), { control: false })
  t.match(settings(['--allowed-host', 'a.b', '--allowed-host=c.d']), { allowedHost: ['a.b', 'c.d'] })
  t.match(settings([], { IONWORKS_MOCK_ALLOWED_HOST: 'a.b,c.d' }), { allowedHost: ['a.b', 'c.d'] })
  t.match(settings(['--host', 'validate']), { host: 'validate' })
})

t.test('validate takes paths, or else the fixtures that start would serve', async (t) => {
  t.match(readArguments(['validate', 'a', 'b'], {}), { command: 'validate', settings: { fixtures: ['a', 'b'] } })
  t.match(readArguments(['validate', '--', '--a'], {}), { settings: { fixtures: ['--a'] } })
  t.match(readArguments(['validate'], { IONWORKS_MOCK_FIXTURES: 'c' }), { settings: { fixtures: ['c'] } })
  t.match(readArguments(['validate', '--fixtures', 'd'], {}), { settings: { fixtures: ['d'] } })
  t.match(readArguments(['validate', 'a', '--fixtures', 'd'], {}), { settings: { fixtures: ['a', 'd'] } })
  t.match(readArguments(['validate', 'a'], { IONWORKS_MOCK_FIXTURES: 'c' }), { settings: { fixtures: ['a'] } })
  t.match(readArguments(['validate'], { IONWORKS_MOCK_PORT: 'not looked at' }), { settings: DEFAULTS })
})

t.test('everything that is wrong is said, with what would be right', async (t) => {
  const table: [args: string[], environment: object, faults: string[]][] = [
    [['--port', 'x'], {}, ['--port: found "x", expected a whole number from 0 to 65535']],
    [['--port=65536'], {}, ['--port: found 65536, expected a whole number from 0 to 65535']],
    [['--port', '-1'], {}, ['--port: found "-1", expected a whole number from 0 to 65535']],
    [['--port'], {}, ['--port: the value is missing, expected a whole number from 0 to 65535']],
    [['--port', '--strict'], {}, ['--port: the value is missing, expected a whole number from 0 to 65535']],
    [['--host='], {}, ['--host: found "", expected a host name or an IP address']],
    [['--prot', '1'], {}, ['--prot: there is no such option; did you mean "--port"?']],
    [['--no-port'], {}, ['--no-port: there is no such option; did you mean "--port"?']],
    [['--no-strickt'], {}, ['--no-strickt: there is no such option; did you mean "--strict"?']],
    [['-x'], {}, ['-x: there is no such option']],
    [['--strict=maybe'], {}, ['--strict: found "maybe", expected true or false']],
    [['--unknown-pipeline', '500'], {}, ['--unknown-pipeline: found 500, expected 422 or 404']],
    [['--grace', '5'], {}, ['--grace: found "5", expected a duration of at most a day, such as 5s, 250ms or PT5S']],
    [
      ['--grace', '1000h'],
      {},
      ['--grace: found "1000h", expected a duration of at most a day, such as 5s, 250ms or PT5S'],
    ],
    [
      ['--grace', '-PT5S'],
      {},
      ['--grace: found "-PT5S", expected a duration of at most a day, such as 5s, 250ms or PT5S'],
    ],
    ...['realtime', 'frozen@', 'frozen@tomorrow', 'frozen@2026-10-01', 'real@2026-10-01T12:00:00Z', '@'].map(
      (clock): [string[], object, string[]] => [
        ['--clock', clock],
        {},
        [
          `--clock: found "${clock}", expected real, frozen, or frozen@ with an instant such as frozen@2026-10-01T12:00:00Z`,
        ],
      ],
    ),
    ...['30s', 'after', 'after=', 'after=30', 'after=-PT1S', 'after=25h', 'Manual'].map(
      (progress): [string[], object, string[]] => [
        ['--progress', progress],
        {},
        [
          `--progress: found "${progress}", expected manual, or after= with a duration of at most a day, such as after=30s`,
        ],
      ],
    ),
    [
      ['--log-level', 'inf'],
      {},
      [
        '--log-level: found "inf", expected one of trace, debug, info, warn, error, fatal, silent; did you mean "info"?',
      ],
    ],
    [
      [],
      { IONWORKS_MOCK_PORT: 'udp://x' },
      ['IONWORKS_MOCK_PORT: found "udp://x", expected a whole number from 0 to 65535'],
    ],
    [['serve'], {}, ['serve: there is no such command; there are start, validate']],
    [['strat'], {}, ['strat: there is no such command; did you mean "start"?']],
    [['start', 'a.yaml'], {}, ['a.yaml: start takes no paths; name fixtures with --fixtures']],
    [['validate', '--port', '1'], {}, ['--port: validate does not take this option']],
    [
      ['--port', 'x', '--unknown-pipeline=1', '--nothing'],
      { IONWORKS_MOCK_STRICT: 'ja' },
      [
        '--nothing: there is no such option',
        '--port: found "x", expected a whole number from 0 to 65535',
        'IONWORKS_MOCK_STRICT: found "ja", expected true or false',
        '--unknown-pipeline: found 1, expected 422 or 404',
      ],
    ],
  ]
  for (const [args, environment, expected] of table)
    t.strictSame(faults(args, { ...environment }), expected, args.join(' '))
})

t.test('a variable that is almost ours is pointed out; others are left alone', async (t) => {
  const environment = {
    IONWORKS_MOCK_PROT: '1',
    IONWORKS_MOCK_SERVICE_HOST: '10.0.0.1',
    IONWORKS_MOCK_PORT: 'tcp://10.0.0.1:4669',
    IONWORKS_MOCK_PORT_4669_TCP_ADDR: 'x',
    IONWORKS_API_KEY: 'x',
  }
  t.strictSame(readArguments([], environment).warnings, [
    'IONWORKS_MOCK_PROT: there is no such variable; did you mean "IONWORKS_MOCK_PORT"?',
  ])
})

t.test('the help has every option with its variable and default', async (t) => {
  const text = help()
  for (const name of OPTION_NAMES) {
    t.match(text, `  ${flagOf(name)}`)
    t.match(text, `${OPTIONS[name].help}. ${variableOf(name)}, default `)
  }
  t.match(text, 'default the shipped battery lab')
  t.notMatch(text, SHIPPED_FIXTURES)
})
