-- What the directory searches and filters; organisations/projection.py writes it. What an organisation says to its
-- clusters alone is kept apart from what everyone may read.
ALTER TABLE organisation
    ADD COLUMN kind text,
    ADD COLUMN size text,
    ADD COLUMN region text,
    ADD COLUMN called text NOT NULL DEFAULT '',
    ADD COLUMN words text NOT NULL DEFAULT '',
    ADD COLUMN words_within text;
CREATE INDEX organisation_called ON organisation USING gin (called gin_trgm_ops);
CREATE INDEX organisation_words ON organisation USING gin (words gin_trgm_ops);
CREATE INDEX organisation_words_within ON organisation USING gin (words_within gin_trgm_ops);

-- Each word of names and titles once, so that what is spelled alike is looked for among few short ones.
CREATE TABLE spelling (word text PRIMARY KEY);
CREATE INDEX spelling_alike ON spelling USING gin (word gin_trgm_ops);
CREATE FUNCTION words_of(said text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
    SELECT DISTINCT word FROM regexp_split_to_table(said, '[^[:alpha:]]+') AS word WHERE length(word) BETWEEN 4 AND 60
$$;

-- Until they change next, those that are there are found by what they say in the same way.
UPDATE organisation SET
    kind = doc -> 'description' ->> 'kind',
    size = doc -> 'description' ->> 'size',
    region = doc -> 'description' ->> 'region',
    called = concat(' ', folded(name), (
        SELECT string_agg(E'\n ' || folded(replace(entry ->> 'title', E'\n', ' ')), '')
        FROM jsonb_array_elements((doc -> 'needs') || (doc -> 'offers')) AS entry
    )),
    words = concat(
        ' ', folded(replace(concat_ws(' ', name, doc -> 'description' ->> 'summary'), E'\n', ' ')), (
        SELECT string_agg(
            concat(E'\n', upper(side), ' ', upper(entry ->> 'kind'), ' ',
                folded(replace((entry ->> 'title') || ' ' || (entry ->> 'text'), E'\n', ' '))), '')
        FROM (VALUES ('need', doc -> 'needs'), ('offer', doc -> 'offers')) AS both_sides (side, entries),
             jsonb_array_elements(entries) AS entry
    ));
