/** What a start prints: where the playground is, and three commands that show what the service does. */
export function startBanner(url: string, token: string | null, dataFolder: string): string {
  const link = token === null ? `${url}/` : `${url}/?token=${encodeURIComponent(token)}`
  return [
    '',
    `LambdaQL is ready: ${link}`,
    ...(token === null ? ['(create an access token for the commands with: npm run token)'] : []),
    `GraphQL is at ${url}/graphql, and everything is kept in ${dataFolder}`,
    '',
    'Try it:',
    ...tourCommands(url, token).flatMap((command) => ['', command]),
    '',
    'Ctrl-C stops it.',
  ].join('\n')
}

/** Commands for a shell: create a function, invoke it, read its log. */
export function tourCommands(url: string, token: string | null): readonly string[] {
  return TOUR.map((operation) => {
    const body = JSON.stringify({ query: operation })
    return [
      `curl -s ${url}/graphql \\`,
      `  -H 'authorization: Bearer ${token ?? '<access token>'}' -H 'content-type: application/json' \\`,
      `  -d '${body.replaceAll("'", `'\\''`)}'`,
    ].join('\n')
  })
}

/** The operations of the tour. */
export const TOUR: readonly string[] = [
  'mutation { createFunction(input: { functionName: "hello", runtime: NODEJS20_X, handler: "index.handler", code: { files: [{ path: "index.mjs", content: "export const handler = async (event) => { console.log(event); return \\"Hello, \\" + event.name }" }] } }) { function { functionName } userErrors { message } } }',
  'mutation { invoke(input: { functionName: "hello", payload: { name: "world" } }) { statusCode payload userErrors { message } } }',
  'query { function(functionName: "hello") { logEvents { nodes { timestamp message } } } }',
]
