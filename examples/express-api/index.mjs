import serverless from 'serverless-http'
import { createApp } from './app.mjs'

/**
 * Answers events of an HTTP API (payload format 2.0) with the Express app. The app is made once for each execution
 * environment, while it starts. Images travel in base64, which is how such an answer carries bytes.
 */
export const handler = serverless(createApp(), { binary: ['image/png'] })
