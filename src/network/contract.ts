/** Open files of namespaces. */
export interface Namespaces {
  /** The user namespace that the network's belongs to; null where whoever enters needs no rights in it. */
  readonly user: number | null
  readonly net: number
}

/** A network namespace that one sandbox lives in, with a way out of it. */
export interface SandboxNetwork {
  /** Words that go before a command to start it inside. */
  readonly enter: readonly string[]
  /** What a command enters; they are open until `close`. */
  readonly namespaces: Namespaces
  /**
   * Whether it leads out at this moment, and nowhere that is the host's own: the host may have got another address since
   * it was made. `closed` is told of its end a little later.
   */
  isCurrent(): boolean
  /** Resolves when there is no way out any more: after `close`, or when the program that made it has died. */
  readonly closed: Promise<void>
  /** Takes the way out away. Call it when all that was started by `enter` has ended. */
  close(): void
}

/** Where the networks of sandboxes come from. */
export interface OutboundNetwork {
  /** A network that nobody else has had. Rejects with a PlatformFault where none can be made. */
  take(): Promise<SandboxNetwork>
  /** Closes what has been made ahead. Networks that were taken are their takers' to close. */
  stop(): void
}
