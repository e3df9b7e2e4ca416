-- CreateTable
CREATE TABLE "open_executions" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "open_executions_pkey" PRIMARY KEY ("account_id","region")
);

-- By hand: what Prisma cannot say.

-- Who ever had an execution has a row, which is locked before an execution is redriven.
INSERT INTO "open_executions"
    SELECT "account_id", "region", count(*) FILTER (WHERE "status" = 'RUNNING')
    FROM "execution" WHERE "machine_type" = 'STANDARD' AND "map_run_id" IS NULL GROUP BY 1, 2;

-- Changed by each commit in which executions begin or end: new versions of a row go onto its own page.
ALTER TABLE "open_executions" SET (fillfactor = 10);
