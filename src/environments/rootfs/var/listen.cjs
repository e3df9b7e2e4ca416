// Opens the socket of the Runtime API on the loopback of the network namespace that it runs in, hands it to the service
// and ends. Nothing of a function runs before it has.
const { createServer } = require('node:net')

const server = createServer()
server.on('error', (error) => {
  process.stderr.write(error.message)
  process.exit(1)
})
server.listen({ host: '127.0.0.1', port: Number(process.argv[2]) }, () => {
  process.send('listening', server, {}, () => process.exit(0))
})
