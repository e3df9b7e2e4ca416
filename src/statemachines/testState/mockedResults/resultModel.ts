/** A shape of an AWS API, as its model says it. */
export interface ApiShape {
  readonly type:
    | 'structure'
    | 'list'
    | 'map'
    | 'string'
    | 'timestamp'
    | 'blob'
    | 'integer'
    | 'long'
    | 'float'
    | 'double'
    | 'boolean'
    /** Any JSON. */
    | 'document'
  /** Of a structure: names of shapes. */
  readonly members?: { readonly [member: string]: string }
  readonly required?: readonly string[]
  /** Of a list: the name of its items' shape. */
  readonly member?: string
  /** Of a map: the name of its values' shape. */
  readonly value?: string
  /** Of a number; else of its length. */
  readonly min?: number
  readonly max?: number
  /** What a string may be. */
  readonly values?: readonly string[]
}

/** What a service's operations answer with. `operations` names the shape of each that answers with something. */
export interface ServiceResults {
  readonly operations: { readonly [operation: string]: string }
  readonly shapes: { readonly [name: string]: ApiShape }
}
