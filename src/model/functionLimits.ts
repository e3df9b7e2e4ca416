/** AWS's limits of a function, as they stand in its API model and in the recorded facts, no. 25 to 28 and 42. */

export const MEMORY_MIB = { least: 128, most: 10_240 } as const
export const TIMEOUT_SECONDS = { least: 1, most: 900 } as const
export const EPHEMERAL_STORAGE_MIB = { least: 512, most: 10_240 } as const

/** Characters of a description. */
export const DESCRIPTION_LENGTH = 256
/** Characters of a handler. */
export const HANDLER_LENGTH = 128
/** Bytes of all environment variables, as a compact JSON object. */
export const ENVIRONMENT_BYTES = 4096

export const TAG_COUNT = 50
export const TAG_KEY_LENGTH = 128
export const TAG_VALUE_LENGTH = 256

/** Bytes of a zip archive inside a request. */
export const ZIP_IN_REQUEST_BYTES = 52_428_800
/** Bytes of a zip archive that is uploaded by itself: as much as it may hold. */
export const ZIP_UPLOADED_BYTES = 262_144_000
/** Bytes of all files of an archive, and of a function's code and layers together. */
export const UNZIPPED_BYTES = 262_144_000
/** Layer versions of a function. */
export const LAYER_COUNT = 5
/** Bytes of a whole request: a zip archive in base64 and the rest. */
export const REQUEST_BYTES = 70_167_211
/** Files that may be given inline. */
export const INLINE_FILE_COUNT = 100

/** Names that the platform sets itself; a function's own configuration may not. Source: AWS's list of reserved variables. */
export const RESERVED_ENVIRONMENT_NAMES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
])
