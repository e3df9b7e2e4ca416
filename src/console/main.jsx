import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { GraphiQL } from 'graphiql'
import 'graphiql/style.css'
import { createClient } from 'graphql-ws'
import { createRoot } from 'react-dom/client'
import create from './operations/1-create-a-function.graphql'
import invoke from './operations/2-invoke-it.graphql'
import tail from './operations/3-tail-its-log.graphql'
import bill from './operations/4-watch-the-bill.graphql'
import alias from './operations/5-version-and-alias.graphql'
import later from './operations/6-run-it-later.graphql'
import failed from './operations/7-what-failed.graphql'
import shift from './operations/8-shift-an-alias.graphql'
import steps from './operations/9-step-functions.graphql'
import './console.css'
import './workers.js'
import { gatherEvents } from './gatherEvents.js'

// The browser sends its cookie with both: the page never sees the token.
const address = new URL('/graphql', window.location.href)
const fetcher = gatherEvents(
  createGraphiQLFetcher({
    url: address.href,
    wsClient: createClient({ url: address.href.replace(/^http/, 'ws') }),
  }),
)

const tabs = [create, invoke, tail, bill, alias].map((query) => ({ query }))
tabs.push({ query: later, variables: '{\n  "id": ""\n}' }, { query: failed }, { query: shift }, { query: steps })

function Console() {
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={tabs}
      shouldPersistHeaders={false}
      defaultEditorToolsVisibility="variables"
    >
      <GraphiQL.Logo>
        <a className="lambdaql-logo graphiql-logo-link" href="/" title="LambdaQL">
          Lambda<em>QL</em>
        </a>
      </GraphiQL.Logo>
    </GraphiQL>
  )
}

createRoot(document.getElementById('console')).render(<Console />)
