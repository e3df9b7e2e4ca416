import { rowsStatement } from '../../db/unnest.ts'

/**
 * Takes dead letters off their list, notes at their invocations as what they are sent again (null: they are discarded),
 * and returns those that were there, with what became of them: where a list names one twice, it is only one of both.
 *
 * Locks: the dead letters by their ids, then their invocations, which nobody else changes any more. Who comes second
 * waits for the first and then finds no dead letter: each is sent again once.
 */
export const takeDeadLetters = rowsStatement<
  { readonly invocationId: string; readonly redrivenAs: string | null },
  { id: string; redriven_as: string | null }
>(
  'take_dead_letters',
  [
    { name: 'id', type: 'uuid', of: (row) => row.invocationId },
    { name: 'redriven_as', type: 'uuid', of: (row) => row.redrivenAs },
  ],
  (rows) => `
    WITH taken AS (
      DELETE FROM dead_letter USING ${rows}
      WHERE dead_letter.invocation_id = input.id
      RETURNING input.id, input.redriven_as
    ), noted AS (
      UPDATE invocation SET redriven_as = taken.redriven_as
      FROM taken WHERE invocation.id = taken.id AND taken.redriven_as IS NOT NULL
    )
    SELECT id, redriven_as FROM taken`,
)
