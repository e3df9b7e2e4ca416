/** How a Task may wait: `sync` and `sync:2` for the job to end, `waitForTaskToken` for somebody to answer. */
export type WaitingPattern = 'sync' | 'sync:2' | 'waitForTaskToken'

type Actions = Readonly<Record<string, readonly WaitingPattern[]>>

const actions = (names: readonly string[], ...patterns: readonly WaitingPattern[]): Actions =>
  Object.fromEntries(names.map((name) => [name, patterns]))

/**
 * The optimized integrations by service and action, with the patterns that each has beside request and response.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html
 */
export const OPTIMIZED_INTEGRATIONS: Readonly<Record<string, Actions>> = {
  apigateway: actions(['invoke'], 'waitForTaskToken'),
  athena: {
    ...actions(['startQueryExecution'], 'sync'),
    ...actions(['stopQueryExecution', 'getQueryExecution', 'getQueryResults']),
  },
  batch: actions(['submitJob'], 'sync'),
  bedrock: { ...actions(['invokeModel'], 'waitForTaskToken'), ...actions(['createModelCustomizationJob'], 'sync') },
  codebuild: {
    ...actions(['startBuild', 'startBuildBatch', 'retryBuild', 'retryBuildBatch'], 'sync'),
    ...actions(['stopBuild', 'batchDeleteBuilds', 'batchGetReports', 'stopBuildBatch', 'deleteBuildBatch']),
  },
  databrew: actions(['startJobRun'], 'sync'),
  dynamodb: actions(['getItem', 'putItem', 'updateItem', 'deleteItem']),
  ecs: actions(['runTask'], 'sync', 'waitForTaskToken'),
  eks: {
    ...actions(['createCluster', 'deleteCluster', 'createFargateProfile', 'deleteFargateProfile'], 'sync'),
    ...actions(['createNodegroup', 'deleteNodegroup', 'runJob'], 'sync'),
    ...actions(['call']),
  },
  elasticmapreduce: {
    ...actions(['createCluster', 'terminateCluster', 'addStep'], 'sync'),
    ...actions(['setClusterTerminationProtection', 'cancelStep']),
    ...actions(['modifyInstanceFleetByName', 'modifyInstanceGroupByName']),
  },
  'emr-containers': {
    ...actions(['createVirtualCluster']),
    ...actions(['deleteVirtualCluster', 'startJobRun'], 'sync'),
  },
  'emr-serverless': actions(
    ['createApplication', 'startApplication', 'stopApplication', 'deleteApplication', 'startJobRun', 'cancelJobRun'],
    'sync',
  ),
  events: actions(['putEvents'], 'waitForTaskToken'),
  glue: actions(['startJobRun'], 'sync'),
  http: actions(['invoke']),
  lambda: actions(['invoke'], 'waitForTaskToken'),
  mediaconvert: actions(['createJob'], 'sync'),
  sagemaker: {
    ...actions(['createEndpoint', 'createEndpointConfig', 'createModel', 'updateEndpoint']),
    ...actions(['createHyperParameterTuningJob', 'createLabelingJob', 'createProcessingJob'], 'sync'),
    ...actions(['createTrainingJob', 'createTransformJob'], 'sync'),
  },
  sns: actions(['publish'], 'waitForTaskToken'),
  sqs: actions(['sendMessage'], 'waitForTaskToken'),
  states: actions(['startExecution'], 'sync', 'sync:2', 'waitForTaskToken'),
}
