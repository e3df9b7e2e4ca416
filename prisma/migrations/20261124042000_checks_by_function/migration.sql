-- PostgreSQL parses the tree of a check anew for each statement that writes to its table: for the rows of one invocation
-- these were 28 KB of text, and a sixth of the time of its commit. A function is parsed once in a session. The rules are the
-- same. What is there has kept them: NOT VALID spares reading all of it.

CREATE FUNCTION "invocation_is_whole"("type" TEXT, "source" TEXT, "status" TEXT, "finished_at" TIMESTAMPTZ)
RETURNS BOOLEAN IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN "type" IN ('REQUEST_RESPONSE', 'EVENT', 'DRY_RUN')
        AND "source" IN ('API', 'DESTINATION', 'REDRIVE')
        AND "status" IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')
        AND ("finished_at" IS NOT NULL) = ("status" IN ('SUCCEEDED', 'FAILED', 'CANCELLED'));
END $$;
ALTER TABLE "invocation"
    DROP CONSTRAINT "invocation_type_known",
    DROP CONSTRAINT "invocation_source_known",
    DROP CONSTRAINT "invocation_status_known",
    DROP CONSTRAINT "invocation_finished_has_a_time",
    ADD CONSTRAINT "invocation_is_whole" CHECK ("invocation_is_whole"("type", "source", "status", "finished_at")) NOT VALID;

CREATE FUNCTION "invocation_event_type_is_known"("type" TEXT)
RETURNS BOOLEAN IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN "type" IN ('QUEUED', 'STARTED', 'SUCCEEDED', 'RETRY_SCHEDULED', 'FAILED', 'RELEASED', 'CANCELLED');
END $$;
ALTER TABLE "invocation_event"
    DROP CONSTRAINT "invocation_event_type_known",
    ADD CONSTRAINT "invocation_event_type_known" CHECK ("invocation_event_type_is_known"("type")) NOT VALID;

CREATE FUNCTION "attempt_is_whole"(
    "number" INTEGER, "outcome" TEXT, "duration_us" INTEGER, "init_duration_us" INTEGER, "billed_ms" INTEGER,
    "max_memory_mib" INTEGER)
RETURNS BOOLEAN IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN "number" >= 1
        AND "outcome" IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'LOST')
        AND "duration_us" >= 0 AND "init_duration_us" >= 0 AND "billed_ms" >= 0 AND "max_memory_mib" >= 0;
END $$;
ALTER TABLE "attempt"
    DROP CONSTRAINT "attempt_counts_from_one",
    DROP CONSTRAINT "attempt_outcome_known",
    DROP CONSTRAINT "attempt_measures_not_negative",
    ADD CONSTRAINT "attempt_is_whole" CHECK ("attempt_is_whole"(
        "number", "outcome", "duration_us", "init_duration_us", "billed_ms", "max_memory_mib")) NOT VALID;

-- The parts of an entry go together, by its type.
CREATE FUNCTION "ledger_entry_is_whole"(entry "ledger_entry")
RETURNS BOOLEAN IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN entry."attempt" >= 1 AND entry."duration_us" >= 0 AND entry."billed_ms" >= 0 AND entry."memory_mib" >= 0
        AND entry."request_price_nano_usd" >= 0 AND entry."duration_price_nano_usd" >= 0
        AND CASE entry."type"
        WHEN 'INVOCATION' THEN num_nulls(entry."function_id", entry."function_name", entry."version_number",
                entry."invocation_id", entry."attempt") = 0
            AND num_nonnulls(entry."provisioned_period_id", entry."budget_id", entry."execution_id") = 0
            AND entry."memory_mib" > 0
        WHEN 'PROVISIONED_CONCURRENCY' THEN num_nulls(entry."function_id", entry."function_name",
                entry."version_number", entry."provisioned_period_id", entry."slice") = 0
            AND num_nonnulls(entry."invocation_id", entry."budget_id", entry."execution_id") = 0
        WHEN 'BUDGET_ALERT' THEN num_nulls(entry."budget_id", entry."budget_month", entry."budget_percentage",
                entry."note") = 0
            AND num_nonnulls(entry."invocation_id", entry."provisioned_period_id", entry."execution_id") = 0
            AND entry."request_price_nano_usd" = 0 AND entry."duration_price_nano_usd" = 0
        WHEN 'STATE_TRANSITIONS' THEN num_nulls(entry."execution_id", entry."redrive", entry."state_machine_name",
                entry."transitions") = 0
            AND num_nonnulls(entry."invocation_id", entry."provisioned_period_id", entry."budget_id") = 0
            AND entry."duration_price_nano_usd" = 0
        WHEN 'EXPRESS_EXECUTION' THEN num_nulls(entry."execution_id", entry."redrive", entry."state_machine_name") = 0
            AND num_nonnulls(entry."invocation_id", entry."provisioned_period_id", entry."budget_id",
                entry."transitions") = 0
        ELSE false END;
END $$;
ALTER TABLE "ledger_entry"
    DROP CONSTRAINT "ledger_entry_type_known",
    DROP CONSTRAINT "ledger_entry_attempt_counts_from_one",
    DROP CONSTRAINT "ledger_entry_measures_not_negative",
    DROP CONSTRAINT "ledger_entry_prices_not_negative",
    ADD CONSTRAINT "ledger_entry_is_whole" CHECK ("ledger_entry_is_whole"("ledger_entry".*)) NOT VALID;
