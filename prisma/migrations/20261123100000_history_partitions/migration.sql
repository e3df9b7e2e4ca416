-- History is partitioned by day, so that old days go by dropping tables: no dead rows, no vacuum, no scan. Partitions
-- live in a schema of their own, out of sight of Prisma, and are made and dropped by src/db/history.
CREATE SCHEMA "history";

-- The key of a partitioned table must contain what it is partitioned by.
ALTER TABLE "log_event" DROP CONSTRAINT "log_event_pkey",
    ADD CONSTRAINT "log_event_pkey" PRIMARY KEY ("function_id", "transaction_id", "sequence", "timestamp");
ALTER TABLE "throttle_event" DROP CONSTRAINT "throttle_event_pkey",
    ADD CONSTRAINT "throttle_event_pkey" PRIMARY KEY ("account_id", "region", "transaction_id", "sequence", "timestamp");

-- Makes a table partitioned without copying it: what is there becomes the default partition, which the keeper of the
-- history empties. Names no columns, so that it does the same whatever migrations stand before it.
CREATE FUNCTION partition_by_day(table_name TEXT, key_column TEXT) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    default_name TEXT := table_name || '_default';
    owned RECORD;
BEGIN
    -- A sequence goes with the table that owns it: the default partition must not take it along.
    FOR owned IN
        SELECT quote_ident(sequence.relname) AS sequence_name, quote_ident(attribute.attname) AS column_name
        FROM pg_depend dependency
        JOIN pg_class sequence ON sequence.oid = dependency.objid AND sequence.relkind = 'S'
        JOIN pg_attribute attribute
            ON attribute.attrelid = dependency.refobjid AND attribute.attnum = dependency.refobjsubid
        WHERE dependency.refobjid = quote_ident(table_name)::regclass AND dependency.deptype = 'a'
    LOOP
        EXECUTE format('ALTER SEQUENCE %s OWNED BY NONE', owned.sequence_name);
    END LOOP;
    EXECUTE format('ALTER TABLE %I RENAME TO %I', table_name, default_name);
    EXECUTE format('ALTER TABLE %I SET SCHEMA history', default_name);
    EXECUTE format('CREATE TABLE %I (LIKE history.%I INCLUDING ALL) PARTITION BY RANGE (%I)',
        table_name, default_name, key_column);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION history.%I DEFAULT', table_name, default_name);
    FOR owned IN
        SELECT quote_ident(sequence.relname) AS sequence_name, quote_ident(attribute.attname) AS column_name
        FROM pg_depend dependency
        JOIN pg_attrdef fallback ON fallback.oid = dependency.objid
        JOIN pg_class sequence ON sequence.oid = dependency.refobjid AND sequence.relkind = 'S'
        JOIN pg_attribute attribute
            ON attribute.attrelid = fallback.adrelid AND attribute.attnum = fallback.adnum
        WHERE fallback.adrelid = quote_ident(table_name)::regclass
    LOOP
        EXECUTE format('ALTER SEQUENCE %s OWNED BY %I.%s', owned.sequence_name, table_name, owned.column_name);
    END LOOP;
END
$$;

-- The time of a UUIDv7 is its first 48 bits: a day is a range of ids.
SELECT partition_by_day('invocation', 'id');
SELECT partition_by_day('attempt', 'invocation_id');
SELECT partition_by_day('invocation_event', 'invocation_id');
SELECT partition_by_day('log_event', 'timestamp');
SELECT partition_by_day('throttle_event', 'timestamp');

DROP FUNCTION partition_by_day;
