import { totalmem } from 'node:os'

/** How much PostgreSQL does for durability: `DISCARDABLE` is for databases that nobody will miss, as in tests. */
export type Durability = 'DURABLE' | 'DISCARDABLE'

const MIB = 1024 * 1024

/**
 * The settings that a new cluster begins with; they stand in its postgresql.conf, where an owner may change them.
 * fsync, synchronous_commit and full_page_writes keep their defaults: on.
 */
export function initialSettings(): Readonly<Record<string, string>> {
  const sharedBuffersMiB = Math.max(64, Math.min(512, Math.floor(totalmem() / MIB / 16)))
  return {
    shared_buffers: `${sharedBuffersMiB}MB`,
    max_connections: '80',
    // Nobody replicates this cluster: logging only what a recovery needs writes the least.
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_buffers: '16MB',
    min_wal_size: '128MB',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    random_page_cost: '1.1',
    // Statements are short and many: compiling them costs more than it saves.
    jit: 'off',
    // The queue's rows die young.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_cost_limit: '1000',
    // A forgotten transaction would hold up every event stream.
    idle_in_transaction_session_timeout: '60s',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    log_line_prefix: '%m [%p] ',
  }
}

/** What is set on every start, whatever postgresql.conf says: no door but our own socket. */
export function fixedSettings(socketFolder: string, durability: Durability): Readonly<Record<string, string>> {
  const fixed = {
    listen_addresses: '',
    port: '5432',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
  }
  return durability === 'DURABLE'
    ? fixed
    : { ...fixed, fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
}
