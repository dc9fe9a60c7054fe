-- Ideas, gatherings and registrations as the others tell them; and counts of everything, so that no page counts rows.
-- When something was first told of is the time of its earliest event that came here.
CREATE TABLE idea (LIKE organisation INCLUDING ALL);
ALTER TABLE idea ADD COLUMN first_told_at timestamptz;
CREATE INDEX idea_newest ON idea (first_told_at DESC, id DESC) WHERE doc ->> 'stage' = 'posted';

CREATE TABLE gathering (LIKE organisation INCLUDING ALL);
ALTER TABLE gathering ADD COLUMN starts_at timestamptz, ADD COLUMN ends_at timestamptz;
CREATE INDEX gathering_ahead ON gathering (ends_at) WHERE doc ->> 'state' = 'announced';

CREATE TABLE registration (LIKE organisation INCLUDING ALL);
ALTER TABLE registration
    ADD COLUMN organisation_id uuid GENERATED ALWAYS AS ((doc ->> 'organisation_id')::uuid) STORED;
CREATE INDEX registration_organisation ON registration (organisation_id);

ALTER TABLE organisation ADD COLUMN first_told_at timestamptz;
UPDATE organisation SET first_told_at = (SELECT min(at) FROM history WHERE subject = organisation.id);
CREATE INDEX organisation_newest ON organisation (first_told_at DESC, id DESC) WHERE NOT erased;

ALTER TABLE parties ADD COLUMN organisations uuid[] GENERATED ALWAYS AS (CASE WHEN NOT erased THEN ARRAY[
    (doc #>> '{parties,0,organisation_id}')::uuid, (doc #>> '{parties,1,organisation_id}')::uuid
] END) STORED;
CREATE INDEX parties_organisations ON parties USING gin (organisations);

-- A tally says what a row counts as; of an erased one it is null. `figure` says how many rows have each.
ALTER TABLE organisation ADD COLUMN tally text[]
    GENERATED ALWAYS AS (CASE WHEN NOT erased THEN ARRAY[doc ->> 'kind', doc ->> 'clusters'] END) STORED;
ALTER TABLE idea ADD COLUMN tally text[]
    GENERATED ALWAYS AS (CASE WHEN NOT erased THEN ARRAY[doc ->> 'stage'] END) STORED;
ALTER TABLE match ADD COLUMN tally text[] GENERATED ALWAYS AS (CASE WHEN NOT erased THEN ARRAY[
    doc ->> 'state', doc ->> 'cross_cluster', doc #>> '{sides,0,clusters}', doc #>> '{sides,1,clusters}'
] END) STORED;
ALTER TABLE registration ADD COLUMN tally text[]
    GENERATED ALWAYS AS (CASE WHEN NOT erased THEN ARRAY[doc ->> 'state', doc ->> 'gathering_id'] END) STORED;

CREATE TABLE figure (
    source text NOT NULL,
    tally  text[] NOT NULL,
    count  bigint NOT NULL,
    PRIMARY KEY (source, tally)
);
INSERT INTO figure
SELECT 'organisation', tally, count(*) FROM organisation WHERE tally IS NOT NULL GROUP BY tally
UNION ALL
SELECT 'match', tally, count(*) FROM match WHERE tally IS NOT NULL GROUP BY tally;

-- Kept by the tables themselves, so that it holds however a row comes to be as it is.
CREATE FUNCTION count_tallies() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two batches meet the same figures in different orders: one after the other, neither waits for ever.
    PERFORM pg_advisory_xact_lock(hashtextextended('figure ' || TG_TABLE_NAME, 0));
    IF TG_OP = 'INSERT' THEN
        INSERT INTO figure AS present
        SELECT TG_TABLE_NAME, tally, count(*) FROM after WHERE tally IS NOT NULL GROUP BY tally
        ON CONFLICT (source, tally) DO UPDATE SET count = present.count + excluded.count;
    ELSE
        INSERT INTO figure AS present
        SELECT TG_TABLE_NAME, tally, sum(one)
        FROM (SELECT tally, 1 AS one FROM after UNION ALL SELECT tally, -1 FROM before) AS moved
        WHERE tally IS NOT NULL GROUP BY tally HAVING sum(one) <> 0
        ON CONFLICT (source, tally) DO UPDATE SET count = present.count + excluded.count;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tallies_inserted AFTER INSERT ON organisation
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_updated AFTER UPDATE ON organisation
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_inserted AFTER INSERT ON idea
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_updated AFTER UPDATE ON idea
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_inserted AFTER INSERT ON match
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_updated AFTER UPDATE ON match
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_inserted AFTER INSERT ON registration
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
CREATE TRIGGER tallies_updated AFTER UPDATE ON registration
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_tallies();
