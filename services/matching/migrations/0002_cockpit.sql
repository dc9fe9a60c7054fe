-- What managers work with: since when a match is decided, and whether a side has answered. Only its own people may
-- learn the latter before both have.
ALTER TABLE match ADD COLUMN decided_at timestamptz;
UPDATE match SET decided_at = (
    SELECT max(at) FROM event
    WHERE stream = 'match-' || match.id
      AND type IN ('match-agreed.v1', 'match-declined.v1', 'match-expired.v1', 'match-withdrawn.v1')
);
CREATE INDEX match_agreed ON match (decided_at, id) WHERE state = 'agreed';

ALTER TABLE match_side ADD COLUMN answered boolean NOT NULL DEFAULT false;
UPDATE match_side AS side SET answered = true
FROM match, jsonb_array_elements(doc #> '{proposal,sides}') AS own, jsonb_array_elements(doc -> 'responses') AS response
WHERE match.id = side.match_id AND own ->> 'organisation_id' = side.organisation_id::text
  AND response ->> 'party' = own ->> 'party';
CREATE INDEX match_side_unanswered ON match_side (organisation_id) WHERE open AND NOT answered;

-- Of an erased one it is null. Read without unpacking the document, which is long.
ALTER TABLE organisation ADD COLUMN clusters jsonb GENERATED ALWAYS AS (doc -> 'clusters') STORED;
