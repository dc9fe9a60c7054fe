-- The newest ideas for everyone and those for clusters are looked for apart: a flood of the one hides none of the other.
DROP INDEX idea_newest;
CREATE INDEX idea_newest ON idea (first_told_at DESC, id DESC)
    WHERE doc ->> 'stage' = 'posted' AND doc ->> 'visibility' <> 'clusters';
CREATE INDEX idea_newest_for_clusters ON idea (first_told_at DESC, id DESC)
    WHERE doc ->> 'stage' = 'posted' AND doc ->> 'visibility' = 'clusters';
