-- Hidden and merged ideas are off the board, and a merged one shows what was said to it where it leads to.
ALTER TABLE idea ADD COLUMN hidden boolean NOT NULL DEFAULT false, ADD COLUMN merged_into uuid;
CREATE INDEX idea_merged ON idea (merged_into) WHERE merged_into IS NOT NULL;
