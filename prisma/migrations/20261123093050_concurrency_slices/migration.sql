-- CreateTable
CREATE TABLE "concurrency_slice" (
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "pool" TEXT NOT NULL,
    "node_id" UUID NOT NULL,
    "granted" INTEGER NOT NULL,
    "wanted" INTEGER NOT NULL,

    CONSTRAINT "concurrency_slice_pkey" PRIMARY KEY ("account_id","region","pool","node_id")
);

-- CreateIndex
CREATE INDEX "concurrency_slice_node_id_idx" ON "concurrency_slice"("node_id");

-- AddForeignKey
ALTER TABLE "concurrency_slice" ADD CONSTRAINT "concurrency_slice_node_id_fkey" FOREIGN KEY ("node_id") REFERENCES "node"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "concurrency_slice" ADD CONSTRAINT "concurrency_slice_granted_check" CHECK ("granted" >= 0);
ALTER TABLE "concurrency_slice" ADD CONSTRAINT "concurrency_slice_wanted_check" CHECK ("wanted" >= 0);
