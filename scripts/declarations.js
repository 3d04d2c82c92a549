// Generates the TypeScript declarations of the package. The declarations import nothing, so that users need no types
// of other packages. This file is JavaScript, because the build runs it before TypeScript is compiled.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

const FORMAT =
  ts.TypeFormatFlags.NoTruncation |
  ts.TypeFormatFlags.InTypeAlias |
  ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType

/** `AsyncDisposable` and `Symbol.asyncDispose` are not in the default libraries of TypeScript. */
const HEADER = '/// <reference lib="esnext.disposable" />\n'

const COMMENT = /^\s*(\/\*\*[^]*?\*\/)?/

/**
 * The parts of a JSON Schema that this file uses.
 * @typedef {{ readonly description?: string, readonly items?: Schema,
 *   readonly properties?: Readonly<Record<string, Schema>> }} Schema
 */

/**
 * Returns the declarations of all exports of `src/index.ts`, and of the types that they use. Takes most declarations
 * from the output of the compiler. A type that is derived from a schema is written out instead, with the descriptions
 * in the schema as comments.
 * @param {ts.Program} program
 * @param {ReadonlyMap<string, Schema>} schemas the schemas, by the names of the types that are derived from them
 * @returns {string}
 */
export function declarationsOf(program, schemas) {
  const checker = program.getTypeChecker()
  const emitted = emittedStatements(program)
  const exported = new Set(exportsOf(program, 'index.ts').map(target))

  /** @type {Map<ts.Symbol, string>} */
  const written = new Map()
  /** The names of types that are unions of string literals, by the text of the union. @type {Map<string, string>} */
  const unions = new Map()
  for (const symbol of exported) write(symbol)
  return `${HEADER}${nameUnions([...written.values()].join('\n'))}\nexport {}\n`

  /** @param {ts.Symbol} symbol */
  function target(symbol) {
    const declared = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    return checker.getExportSymbolOfSymbol(declared)
  }

  /** @param {ts.Symbol} symbol */
  function write(symbol) {
    if (written.has(symbol)) return
    written.set(symbol, '')
    const declarations = symbol.declarations ?? []
    const declaration = declarations.find(ts.isTypeAliasDeclaration) ?? declarations[0]
    const statement = declaration && emitted.get(`${declaration.getSourceFile().fileName} ${symbol.name}`)
    if (!statement) throw new Error(`no declaration of ${symbol.name}`)
    const [, comment = ''] = COMMENT.exec(statement.getFullText()) ?? []
    const isDerived = ts.isTypeAliasDeclaration(statement) && /\b(?:Static|typeof|keyof|in)\b/.test(statement.getText())
    if (!isDerived)
      writeReferences(statement, checker.getSymbolsInScope(declaration, ts.SymbolFlags.Type | ts.SymbolFlags.Alias))
    const text = isDerived ? derivedType(symbol) : statement.getText().replace(/^export /, '')
    written.set(symbol, `${comment}${comment && '\n'}${exported.has(symbol) ? 'export ' : ''}${text}\n`)
  }

  /** @param {ts.Symbol} symbol */
  function derivedType(symbol) {
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    const text = typeText(type, schemas.get(symbol.name), '')
    if (type.isUnion() && type.types.length > 2 && type.types.every((one) => one.isStringLiteral()))
      unions.set(text, symbol.name)
    return `type ${symbol.name} = ${text};`
  }

  /**
   * Returns the text of a type. If the schema has properties, writes them in the order of the schema. Otherwise,
   * returns the text that the compiler prints.
   * @param {ts.Type} type @param {Schema | undefined} schema @param {string} indent @returns {string}
   */
  function typeText(type, schema, indent) {
    const [only = type, ...others] = type.isUnion() ? type.types.filter(isDefined) : [type]
    if (others.length === 0 && schema?.items?.properties && checker.isArrayType(only)) {
      const [item] = checker.getTypeArguments(/** @type {ts.TypeReference} */ (only))
      return `${typeText(/** @type {ts.Type} */ (item), schema.items, indent)}[]`
    }
    if (others.length > 0 || !schema?.properties) return checker.typeToString(type, undefined, FORMAT)
    const within = `${indent}    `
    const lines = Object.entries(schema.properties).flatMap(([key, inner]) => {
      const property = only.getProperty(key)
      if (!property) return []
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0
      const text = typeText(checker.getTypeOfSymbol(property), inner, within)
      const comment = inner.description ? `${within}/** ${inner.description.replace(/\.?$/, '.')} */\n` : ''
      return `${comment}${within}${key}${isOptional ? '?' : ''}: ${isOptional ? text.replace(/ \| undefined$/, '') : text};`
    })
    return `{\n${lines.join('\n')}\n${indent}}`
  }

  /**
   * Writes the declarations of the types that a statement refers to. Throws if one of these types is from a package
   * other than TypeScript and `@types/node`.
   * @param {ts.Node} node @param {readonly ts.Symbol[]} scope the symbols to which names in the statement can refer
   */
  function writeReferences(node, scope) {
    const isReference = ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)
    const name = isReference ? (ts.isTypeReferenceNode(node) ? node.typeName : node.expression).getText() : undefined
    const symbol = scope.find((one) => one.name === name)
    const source = symbol && target(symbol).declarations?.[0]?.getSourceFile().fileName
    if (symbol && source?.startsWith(SRC)) write(target(symbol))
    else if (source && /node_modules\/(?!typescript\/|@types\/node\/)/.test(source))
      throw new Error(
        `${name} comes from another package: declare a type of our own instead, because the declarations must not import anything`,
      )
    ts.forEachChild(node, (child) => writeReferences(child, scope))
  }

  /** Replaces each union with the name of its type, except in the declaration of this type. @param {string} text */
  function nameUnions(text) {
    return [...unions].reduce(
      (named, [union, name]) =>
        named.replaceAll(union, name).replace(`type ${name} = ${name};`, `type ${name} = ${union};`),
      text,
    )
  }
}

/**
 * Compiles the entry files. Throws if the sources have errors.
 * @param {string} config the path of the configuration of TypeScript
 */
export function compile(config) {
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => undefined }
  const options = ts.getParsedCommandLineOfConfigFile(config, {}, host)?.options ?? {}
  const program = ts.createProgram([join(SRC, 'index.ts'), join(SRC, 'client.ts')], options)
  const errors = ts.getPreEmitDiagnostics(program)
  if (errors.length === 0) return program
  const format = { getCanonicalFileName: String, getCurrentDirectory: () => SRC, getNewLine: () => '\n' }
  throw new Error(ts.formatDiagnostics(errors, format))
}

/**
 * Returns the symbols that an entry file exports.
 * @param {ts.Program} program
 * @param {string} entry
 */
export function exportsOf(program, entry) {
  const checker = program.getTypeChecker()
  const file = /** @type {ts.SourceFile} */ (program.getSourceFile(join(SRC, entry)))
  return checker.getExportsOfModule(/** @type {ts.Symbol} */ (checker.getSymbolAtLocation(file)))
}

/** @param {ts.Type} type */
const isDefined = (type) => (type.flags & ts.TypeFlags.Undefined) === 0

/**
 * Returns the statements in the declarations that the compiler emits. The key of a statement consists of the path of
 * its source file, a space, and the name that the statement declares.
 * @param {ts.Program} program
 */
function emittedStatements(program) {
  /** @type {Map<string, ts.Statement>} */
  const statements = new Map()
  program.emit(
    undefined,
    (path, text, _, __, [source] = []) => {
      for (const statement of ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true).statements)
        for (const name of namesOf(statement)) statements.set(`${source?.fileName} ${name}`, statement)
    },
    undefined,
    true,
  )
  return statements
}

/** Returns the names that a statement declares. @param {ts.Statement} statement @returns {string[]} */
function namesOf(statement) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.map(({ name }) => name.getText())
  return 'name' in statement && statement.name ? [/** @type {ts.Identifier} */ (statement.name).getText()] : []
}
