import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Interpreter } from '../../src/environments/interpreters.ts'
import type { BuiltPackage, PackageFiles } from './customRuntimes.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')
const FIXTURES = join(ROOT, 'test', 'fixtures', 'java')
const LONGEST_BUILD_MS = 240_000

export const CORE = 'com.amazonaws:aws-lambda-java-core:1.2.3'

/** The jar of an artifact, by Maven from its registry, and kept. */
export async function mavenJar(artifact: string): Promise<string> {
  const folder = join(ROOT, 'node_modules', '.cache', 'maven')
  const [, name, version] = artifact.split(':')
  const jar = join(folder, `${name}-${version}.jar`)
  if (existsSync(jar)) return jar
  mkdirSync(folder, { recursive: true })
  const copy = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy'
  const options = ['--quiet', '--batch-mode', copy, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]
  await run('mvn', options, { cwd: folder, timeout: LONGEST_BUILD_MS })
  return jar
}

/** The classes of the fixtures, or of another folder, in one package, with AWS's own interfaces in lib/, compiled for Java 17. */
export async function buildJava(
  jdk: Interpreter | null,
  folder: string,
  sources = join(FIXTURES, 'example'),
): Promise<BuiltPackage> {
  if (jdk === null) return { missing: 'no JDK' }
  const core = await mavenJar(CORE).catch(() => null)
  if (core === null) return { missing: 'no Maven, or aws-lambda-java-core cannot be had' }
  const files = readdirSync(sources).map((name) => join(sources, name))
  await run(join(dirname(jdk.path), 'javac'), ['--release', '17', '-cp', core, '-d', folder, ...files])
  return { files: { ...classesIn(folder), 'lib/core.jar': readFileSync(core) } }
}

const CLIENT = [
  'com.amazonaws:aws-lambda-java-runtime-interface-client:2.9.0',
  'com.amazonaws:aws-lambda-java-core:1.4.0',
  'com.amazonaws:aws-lambda-java-serialization:1.2.0',
  'software.amazon.awssdk:utils-lite:2.34.0',
]

/** The fixtures with AWS's Java runtime interface client beside them, run by the system's own Java. */
export async function buildJavaClient(jdk: Interpreter | null, folder: string): Promise<BuiltPackage> {
  if (jdk === null || jdk.languageFolder !== null) return { missing: 'no JDK in /usr' }
  const built = await buildJava(jdk, folder)
  if ('missing' in built) return built
  const jars = await Promise.all(CLIENT.map(mavenJar)).catch(() => null)
  if (jars === null) return { missing: 'aws-lambda-java-runtime-interface-client cannot be had' }
  const { 'lib/core.jar': _older, ...classes } = built.files
  const libraries = jars.map((jar) => [`lib/${basename(jar)}`, readFileSync(jar)])
  const client = 'com.amazonaws.services.lambda.runtime.api.client.AWSLambda'
  const bootstrap = `#!/bin/sh\nexec ${jdk.path} -XX:TieredStopAtLevel=1 -cp '/var/task:/var/task/lib/*' ${client} "$_HANDLER"\n`
  return { files: { ...classes, ...Object.fromEntries(libraries), bootstrap } }
}

function classesIn(folder: string): PackageFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1), readFileSync(path)]
    }),
  )
}
