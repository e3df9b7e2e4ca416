-- AlterTable
ALTER TABLE "function_version" ADD COLUMN     "layers" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "layer" (
    "id" UUID NOT NULL,
    "account_id" CHAR(12) NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "last_version_number" INTEGER NOT NULL,

    CONSTRAINT "layer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "layer_version" (
    "id" UUID NOT NULL,
    "layer_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "description" TEXT NOT NULL,
    "compatible_runtimes" TEXT[],
    "compatible_architectures" TEXT[],
    "license_info" TEXT,
    "code_sha256" BYTEA NOT NULL,
    "code_size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "layer_version_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "layer_account_id_region_name_key" ON "layer"("account_id", "region", "name");

-- CreateIndex
CREATE INDEX "layer_version_code_sha256_idx" ON "layer_version"("code_sha256");

-- CreateIndex
CREATE UNIQUE INDEX "layer_version_layer_id_number_key" ON "layer_version"("layer_id", "number");

-- AddForeignKey
ALTER TABLE "layer" ADD CONSTRAINT "layer_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "layer_version" ADD CONSTRAINT "layer_version_layer_id_fkey" FOREIGN KEY ("layer_id") REFERENCES "layer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "layer_version" ADD CONSTRAINT "layer_version_code_sha256_fkey" FOREIGN KEY ("code_sha256") REFERENCES "code_blob"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "function_version"
    ADD CONSTRAINT "function_version_layers_at_most_five"
        CHECK (jsonb_typeof("layers") = 'array' AND jsonb_array_length("layers") <= 5);
ALTER TABLE "layer_version"
    ADD CONSTRAINT "layer_version_number_positive" CHECK ("number" > 0);

-- What was published is what functions were tested with: a layer version is deleted, once, and never otherwise changed.
CREATE FUNCTION refuse_layer_version_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    allowed layer_version := NEW;
BEGIN
    IF OLD.deleted_at IS NULL THEN
        allowed.deleted_at := NULL;
    END IF;
    IF allowed IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'version % of layer % is published and cannot be changed', OLD.number, OLD.layer_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'layer_version_immutable';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER "layer_version_immutable" BEFORE UPDATE ON "layer_version"
    FOR EACH ROW EXECUTE FUNCTION refuse_layer_version_change();

-- The newest versions of a layer are found without meeting those that were deleted.
CREATE INDEX "layer_version_present_idx" ON "layer_version" ("layer_id", "number") WHERE "deleted_at" IS NULL;
