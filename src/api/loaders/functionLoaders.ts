import DataLoader from 'dataloader'
import type {
  AliasKey,
  FunctionServices,
  LayerVersionKey,
  ProvisionedConfigKey,
  VersionKey,
} from '../../functions/services.ts'
import type { AliasShiftRecord } from '../../model/aliasShift.ts'
import type { LayerVersionRecord } from '../../model/layer.ts'
import type { ProvisionedConfigRecord } from '../../model/provisionedConcurrency.ts'
import type { AliasRecord, FunctionRecord, Page, PageRequest, Scope, VersionRecord } from '../../model/records.ts'
import { type PageKey, pageLoader } from './pageLoader.ts'

/** Reads of functions, versions and aliases; those of one tick become one statement each. Null: there is none. */
export interface FunctionLoaders {
  readonly functionById: DataLoader<string, FunctionRecord | null>
  readonly versionById: DataLoader<string, VersionRecord | null>
  readonly aliasById: DataLoader<string, AliasRecord | null>
  readonly versionByNumber: DataLoader<VersionKey, VersionRecord | null, string>
  readonly aliasByName: DataLoader<AliasKey, AliasRecord | null, string>
  readonly versionPage: DataLoader<PageKey<number>, Page<VersionRecord>, string>
  readonly aliasPage: DataLoader<PageKey<string>, Page<AliasRecord>, string>
  readonly provisionedConfig: DataLoader<ProvisionedConfigKey, ProvisionedConfigRecord | null, string>
  readonly provisionedConfigPage: DataLoader<PageKey<string>, Page<ProvisionedConfigRecord>, string>
  readonly layerVersionByNumber: DataLoader<LayerVersionKey, LayerVersionRecord | null, string>
  /** By layer id. */
  readonly layerVersionPage: DataLoader<PageKey<number>, Page<LayerVersionRecord>, string>
  /** The last one; null where there was none. */
  readonly lastShift: DataLoader<AliasKey, AliasShiftRecord | null, string>
  /** Forgets what was read: after a mutation the fields behind it see its change. */
  clear(): void
}

/** Loaders for one request. */
export function createFunctionLoaders(functions: FunctionServices, scope: Scope): FunctionLoaders {
  const loaders = {
    functionById: loaderById((ids) => functions.functionsById(scope, ids)),
    versionById: loaderById((ids) => functions.versionsById(scope, ids)),
    aliasById: loaderById((ids) => functions.aliasesById(scope, ids)),
    versionByNumber: loaderByKey(
      (keys: readonly VersionKey[]) => functions.versionsByNumber(scope, keys),
      ({ functionId, number }) => `${functionId}:${number}`,
    ),
    aliasByName: loaderByKey(
      (keys: readonly AliasKey[]) => functions.aliasesByName(scope, keys),
      ({ functionId, name }) => `${functionId}:${name}`,
    ),
    lastShift: new DataLoader<AliasKey, AliasShiftRecord | null, string>(
      async (keys) => {
        const found = await functions.lastShifts(scope, keys)
        return keys.map(({ functionId, name }) => found.get(`${functionId} ${name}`) ?? null)
      },
      { cacheKeyFn: ({ functionId, name }) => `${functionId} ${name}` },
    ),
    versionPage: pageLoader((ids, page: PageRequest<number>) => functions.versionPages(scope, ids, page)),
    aliasPage: pageLoader((ids, page: PageRequest<string>) => functions.aliasPages(scope, ids, page)),
    provisionedConfig: loaderByKey(
      (keys: readonly ProvisionedConfigKey[]) => functions.provisionedConfigsByQualifier(scope, keys),
      ({ functionId, qualifier }) => `${functionId}:${qualifier}`,
    ),
    provisionedConfigPage: pageLoader((ids, page: PageRequest<string>) =>
      functions.provisionedConfigPages(scope, ids, page),
    ),
    layerVersionByNumber: loaderByKey(
      (keys: readonly LayerVersionKey[]) => functions.layerVersionsByNumber(scope, keys),
      ({ layerId, number }) => `${layerId}:${number}`,
    ),
    layerVersionPage: pageLoader((ids, page: PageRequest<number>) => functions.layerVersionPages(scope, ids, page)),
  }
  return {
    ...loaders,
    clear() {
      for (const loader of Object.values(loaders)) loader.clearAll()
    },
  }
}

function loaderById<Item>(load: (ids: readonly string[]) => Promise<ReadonlyMap<string, Item>>) {
  return new DataLoader<string, Item | null>(async (ids) => {
    const found = await load(ids)
    return ids.map((id) => found.get(id) ?? null)
  })
}

function loaderByKey<Key, Item extends Key>(
  load: (keys: readonly Key[]) => Promise<readonly Item[]>,
  textOf: (key: Key) => string,
) {
  return new DataLoader<Key, Item | null, string>(
    async (keys) => {
      const found = new Map((await load(keys)).map((item) => [textOf(item), item]))
      return keys.map((key) => found.get(textOf(key)) ?? null)
    },
    { cacheKeyFn: textOf },
  )
}
