-- An invocation that waits can be cancelled: it is done then, and has a time at which it was.
ALTER TABLE "invocation"
    DROP CONSTRAINT "invocation_status_known",
    DROP CONSTRAINT "invocation_finished_has_a_time";
ALTER TABLE "invocation"
    ADD CONSTRAINT "invocation_status_known"
        CHECK ("status" IN ('QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
    ADD CONSTRAINT "invocation_finished_has_a_time"
        CHECK (("finished_at" IS NOT NULL) = ("status" IN ('SUCCEEDED', 'FAILED', 'CANCELLED')));

ALTER TABLE "invocation_event" DROP CONSTRAINT "invocation_event_type_known";
ALTER TABLE "invocation_event" ADD CONSTRAINT "invocation_event_type_known"
    CHECK ("type" IN ('QUEUED', 'STARTED', 'SUCCEEDED', 'RETRY_SCHEDULED', 'FAILED', 'RELEASED', 'CANCELLED'));
