/** An error of a reader or writer, as the state's Catch sees it. */
export class MapRunFault extends Error {
  readonly error: 'States.ItemReaderFailed' | 'States.ResultWriterFailed'

  constructor(error: MapRunFault['error'], cause: string) {
    super(cause)
    this.error = error
  }
}
