-- When it is time for a match's next step that nobody asks for, and until when its pair is not proposed again: as long
-- as it stands, for ever.
ALTER TABLE match ADD COLUMN due_at timestamptz, ADD COLUMN frozen_until timestamptz NOT NULL DEFAULT 'infinity';
UPDATE match SET due_at = proposed_at + interval '14 days' WHERE state = 'proposed';
UPDATE match SET frozen_until = decided_at + CASE
    WHEN state = 'withdrawn' THEN interval '0'
    WHEN doc @> '{"responses": [{"answer": "no"}]}' THEN interval '365 days'
    ELSE interval '91 days'
END
WHERE state IN ('declined', 'expired', 'withdrawn') AND decided_at IS NOT NULL;
CREATE INDEX match_due ON match (due_at) WHERE due_at IS NOT NULL;

-- How many changes of a match a side could see: the version of what it sees.
ALTER TABLE match_side ADD COLUMN seen integer NOT NULL DEFAULT 1;
UPDATE match_side AS side SET seen = (
    SELECT count(*) FROM event
    WHERE stream = 'match-' || match.id AND (type <> 'match-answered.v1' OR data ->> 'party' = own ->> 'party')
)
FROM match, jsonb_array_elements(doc #> '{proposal,sides}') AS own
WHERE match.id = side.match_id AND own ->> 'organisation_id' = side.organisation_id::text
  AND EXISTS (SELECT FROM event WHERE stream = 'match-' || match.id);
