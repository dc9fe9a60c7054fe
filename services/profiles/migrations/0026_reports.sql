-- What people report of ideas and comments: rows and no stream, so that what they wrote can be forgotten.
CREATE TABLE report (
    id            uuid PRIMARY KEY,
    idea_id       uuid NOT NULL,
    comment_id    uuid,
    reporter      text NOT NULL,
    organisations uuid[] NOT NULL,
    reason        text NOT NULL,
    said          text NOT NULL,
    reported_at   timestamptz NOT NULL,
    settled_at    timestamptz,
    outcome       text,
    note          text
);
CREATE UNIQUE INDEX report_once ON report (reporter, coalesce(comment_id, idea_id)) WHERE settled_at IS NULL;
CREATE INDEX report_open ON report (reported_at, id) WHERE settled_at IS NULL;
CREATE INDEX report_idea ON report (idea_id);
CREATE INDEX report_comment ON report (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX report_organisations ON report USING gin (organisations);
