import csvReport from '../csv-report/example.mjs'
import expressApi from '../express-api/example.mjs'
import thumbnailer from '../thumbnailer/example.mjs'

/**
 * Every example, in the order in which they run. Each has
 * - `name`: that of its folder;
 * - `folder`: its absolute path;
 * - `function`: `functionName` and the configuration, as `createFunction` takes it;
 * - `code`: what goes into the zip archive, files and folders within `folder`; with `node_modules` they are installed first;
 * - `readCases()`: the invocations, `[{ name, event }]`;
 * - `present(case, result)`: what became of one, `{ summary, files: [{ name, content }] }`; throws an Error that says
 *   what is wrong where the result is not what the case should give.
 */
export const EXAMPLES = [expressApi, thumbnailer, csvReport]
