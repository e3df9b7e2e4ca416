import { ScriptFault } from './scriptFault.mjs'

/**
 * The service at an address, for the holder of a token.
 *
 * `execute(document, variables)` gives the data of a GraphQL answer, `upload(bytes)` the answer of POST /code-packages.
 * Both throw a ScriptFault when the service cannot be reached, refuses the token or answers with an error.
 */
export function createService({ endpoint, token }) {
  async function request(path, type, body) {
    const response = await fetch(`${endpoint}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': type },
      body,
    }).catch((error) => {
      throw new ScriptFault(
        `LambdaQL does not answer at ${endpoint} (${error.cause?.code ?? error.cause?.message ?? error.message}). ` +
          'Is it running? npm start starts it; --endpoint says where it listens.',
      )
    })
    if (response.status === 401 || response.status === 403) {
      throw new ScriptFault(
        `${endpoint} refuses the access token (${response.status}). The present one stands in .lambdaql/access-token of ` +
          'the folder in which the service was started; --token or LAMBDAQL_TOKEN gives another.',
      )
    }
    return readJson(response, `${endpoint}${path}`)
  }

  return {
    async execute(document, variables) {
      const { status, answer } = await request(
        '/graphql',
        'application/json',
        JSON.stringify({ query: document, variables }),
      )
      if (answer.errors?.length > 0 || answer.data == null) {
        const words = answer.errors?.map(({ message }) => message).join('; ') ?? JSON.stringify(answer)
        throw new ScriptFault(`${endpoint}/graphql answered ${status}: ${words}`)
      }
      return answer.data
    },

    async upload(bytes) {
      const { status, answer } = await request('/code-packages', 'application/zip', bytes)
      if (status >= 400)
        throw new ScriptFault(`POST ${endpoint}/code-packages answered ${status}: ${JSON.stringify(answer)}`)
      return answer
    },
  }
}

async function readJson(response, address) {
  const text = await response.text()
  try {
    return { status: response.status, answer: JSON.parse(text) }
  } catch {
    throw new ScriptFault(`${address} answered ${response.status} with something else than JSON: ${text.slice(0, 200)}`)
  }
}

/** The payload of a mutation. Throws a ScriptFault with its user errors when it has some. */
export function withoutUserErrors(operation, payload) {
  if (payload.userErrors.length === 0) return payload
  const words = payload.userErrors.map(({ code, message }) => `${message} (${code})`).join('; ')
  throw new ScriptFault(`${operation}: ${words}`)
}
