-- What managers want to be proposed: the worker compares and answers. Ids and codes only.
CREATE TABLE by_hand (
    id           uuid PRIMARY KEY,
    seeker_id    uuid NOT NULL,
    anchor       text NOT NULL,
    other_id     uuid NOT NULL,
    actor        text NOT NULL,
    correlation  uuid NOT NULL,
    requested_at timestamptz NOT NULL,
    outcome      text,
    match_id     uuid
);
CREATE INDEX by_hand_waiting ON by_hand (requested_at) WHERE outcome IS NULL;
CREATE INDEX by_hand_newest ON by_hand (requested_at DESC, id DESC);
