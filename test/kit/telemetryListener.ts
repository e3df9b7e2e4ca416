/**
 * An extension that writes what it is told to /tmp/told, which the function reads, and waits within each event until it
 * was told that the runtime is done.
 */
export const telemetryListener = (subscription: object) => `#!/usr/bin/python3
import http.server, json, os, socketserver, sys, threading, urllib.error, urllib.request
api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API']
SUBSCRIPTION = json.loads('''${JSON.stringify(subscription)}''')
done = set()
told = threading.Condition()
def take(events):
    with told:
        with open('/tmp/told', 'a') as file:
            for event in events: file.write(json.dumps(event) + '\\n')
        done.update(event['record']['requestId'] for event in events if event['type'] == 'platform.runtimeDone')
        told.notify_all()
class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        with open('/tmp/requests', 'a') as file: file.write(self.path + ' ' + self.headers['Host'] + '\\n')
        take(json.loads(self.rfile.read(int(self.headers['Content-Length']))))
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *args): pass
class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: take([json.loads(line)])
class Server(http.server.ThreadingHTTPServer):
    pass
kind = Sink if SUBSCRIPTION['destination'].get('protocol') == 'HTTP' else Lines
server = Server(('sandbox.localdomain', 4243), kind)
threading.Thread(target=server.serve_forever, daemon=True).start()
def call(method, path, body=None, **headers):
    request = urllib.request.Request(api + path, None if body is None else json.dumps(body).encode(), headers, method=method)
    return urllib.request.urlopen(request)
id = call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE', 'SHUTDOWN']},
          **{'Lambda-Extension-Name': os.path.basename(sys.argv[0])}).headers['Lambda-Extension-Identifier']
me = {'Lambda-Extension-Identifier': id}
def subscribe():
    try: return [200, json.load(call('PUT', '/2022-07-01/telemetry', SUBSCRIPTION, **me))]
    except urllib.error.HTTPError as error: return [error.code, json.load(error)]
print('subscribed', json.dumps(subscribe()), flush=True)
while True:
    event = json.load(call('GET', '/2020-01-01/extension/event/next', **me))
    if event['eventType'] == 'SHUTDOWN': break
    if event['eventType'] == 'INVOKE' and 'platform' in SUBSCRIPTION['types']:
        with told: told.wait_for(lambda: event['requestId'] in done, 5)
    print('again', json.dumps(subscribe()), flush=True)
`
