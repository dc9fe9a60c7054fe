-- An idea is open as well while it is discussed.
DROP INDEX idea_newest;
DROP INDEX idea_newest_for_clusters;
CREATE INDEX idea_newest ON idea (first_told_at DESC, id DESC)
    WHERE doc ->> 'stage' IN ('posted', 'discussed') AND doc ->> 'visibility' <> 'clusters';
CREATE INDEX idea_newest_for_clusters ON idea (first_told_at DESC, id DESC)
    WHERE doc ->> 'stage' IN ('posted', 'discussed') AND doc ->> 'visibility' = 'clusters';
