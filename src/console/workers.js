// The editor's workers are files of our own beside this script; the build puts their names in.
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const files = { json: WORKERS.json, graphql: WORKERS.graphql }
    return new Worker(new URL(files[label] ?? WORKERS.editor, import.meta.url), { type: 'module', name: label })
  },
}
