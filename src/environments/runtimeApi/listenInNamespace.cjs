// Runs in the network namespace of a sandbox and in no other of its namespaces: opens the socket of the Runtime API
// there, hands it to the service and ends.
const { createServer } = require('node:net')

const server = createServer()
server.on('error', (error) => {
  process.stderr.write(error.message)
  process.exit(1)
})
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, () => {
  process.send('listening', server, {}, () => process.exit(0))
})
