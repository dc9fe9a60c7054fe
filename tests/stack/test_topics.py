from deploy.topics import read_topics
from services.events.app import SERVICE as EVENTS
from services.matching.app import SERVICE as MATCHING
from services.notify.app import SERVICE as NOTIFY
from services.profiles.app import SERVICE as PROFILES
from shared.contracts.topics import TOPICS


def test_the_deployment_creates_what_the_contracts_promise_and_nothing_else() -> None:
    deployed = {(t.name, t.writer, t.compacted, frozenset(t.readers)) for t in read_topics().topics}
    promised = {(t.name, t.publisher, t.kept == "compacted", frozenset(t.readers)) for t in TOPICS}
    assert deployed == promised


def test_records_of_a_compacted_topic_really_go_within_a_day() -> None:
    file = read_topics()
    for topic in file.topics:
        config = file.config(topic, brokers=1)
        if topic.compacted:
            assert config["cleanup.policy"] == "compact"
            assert int(config["max.compaction.lag.ms"]) + int(config["segment.ms"]) <= 24 * 60 * 60 * 1000
        else:
            assert (config["cleanup.policy"], config["retention.ms"]) == ("delete", "-1")


def test_each_service_keeps_the_segments_of_its_compacted_topics_rolling() -> None:
    for service in (PROFILES, MATCHING, EVENTS, NOTIFY):
        written = {topic.name for topic in TOPICS if topic.publisher == service.name and topic.kept == "compacted"}
        assert set(service.compacted) == written, service.name


def test_a_write_is_safe_on_two_of_three_brokers_and_possible_on_one() -> None:
    file = read_topics()
    in_sync = {brokers: file.config(file.topics[0], brokers)["min.insync.replicas"] for brokers in (1, 2, 3, 5)}
    assert in_sync == {1: "1", 2: "1", 3: "2", 5: "2"}
