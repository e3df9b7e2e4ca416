// Connects to a port on the loopback of the network namespace that it runs in, hands the connection to the service and
// ends. It reads nothing from it.
const { connect } = require('node:net')

const port = Number(process.argv[2])
const socket = connect({ host: '127.0.0.1', port, noDelay: true })
socket.pause()
socket.on('error', (error) => {
  process.stderr.write(error.message)
  process.exit(1)
})
socket.on('connect', () => {
  process.send('connected', socket, {}, () => process.exit(0))
})
