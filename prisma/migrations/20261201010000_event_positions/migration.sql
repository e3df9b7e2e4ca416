-- CreateTable
CREATE TABLE "event_cluster" (
    "system_identifier" TEXT NOT NULL,

    CONSTRAINT "event_cluster_pkey" PRIMARY KEY ("system_identifier")
);

-- By hand: what Prisma cannot say.

-- Where a transaction stands in the event streams: its id, and as much as keeps it behind the events that came with the
-- database from another cluster, whose ids were higher. src/db/alignEventPositions.ts writes it anew there.
CREATE FUNCTION event_position(transaction_id XID8) RETURNS BIGINT
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT transaction_id::text::bigint + 0 $$;

-- Only a transaction that has an id by itself may ask: the position of a row that it writes.
CREATE OR REPLACE FUNCTION event_transaction_id() RETURNS BIGINT
LANGUAGE sql VOLATILE PARALLEL UNSAFE
AS $$ SELECT event_position(pg_current_xact_id()) $$;
