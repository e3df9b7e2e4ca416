/** Counts, by feature of the States Language, how many of its cases pass. */
export interface FeatureReport {
  add(features: readonly string[], isPassed: boolean): void
  /** A table, a line a feature, those with failures first. */
  toString(): string
}

export function createFeatureReport(): FeatureReport {
  const counts = new Map<string, { passed: number; all: number }>()
  return {
    add(features, isPassed) {
      for (const feature of [...features, 'all']) {
        const count = counts.get(feature) ?? { passed: 0, all: 0 }
        counts.set(feature, { passed: count.passed + Number(isPassed), all: count.all + 1 })
      }
    },
    toString() {
      const rows = [...counts].sort(
        ([one, { passed, all }], [other, second]) =>
          second.all - second.passed - (all - passed) || second.all - all || (one < other ? -1 : 1),
      )
      const width = Math.max(...rows.map(([feature]) => feature.length))
      return rows
        .map(([feature, { passed, all }]) => `${feature.padEnd(width)} ${String(passed).padStart(4)} of ${all}`)
        .join('\n')
    },
  }
}
