-- Sentence vectors of the texts of those who may be compared, by the hash of a text and by what embedded it: making
-- them anew takes a tenth of a second each. A text that is taken back or erased takes its vectors along.
CREATE TABLE text_vector (
    embedder text NOT NULL,
    name     bytea NOT NULL,
    vector   bytea NOT NULL,
    PRIMARY KEY (embedder, name)
);
