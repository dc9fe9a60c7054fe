import json
import re
from uuid import uuid4

import pytest

from shared.contracts.envelope import HEARTBEAT
from shared.runtime.codec import Codec, Received
from shared.runtime.parking import Parked
from shared.runtime.tests.things import EVENTS, ThingChanged, changed, erased, key_of, record, value_of

GOOD = changed(uuid4(), 1)
KEY = key_of(GOOD)


def _with(**changes: object) -> bytes:
    return json.dumps(json.loads(value_of(GOOD)) | changes).encode()


def _codec() -> Codec:
    return Codec("things", EVENTS)


@pytest.mark.parametrize(
    ("value", "key", "reason"),
    [
        (b"no JSON", KEY, "not JSON"),
        (b"", KEY, "not JSON"),
        (b"\xff\xfe", KEY, "not JSON"),
        (b"[" * 100_000, KEY, "not JSON"),
        (b"7", KEY, "does not fit the schema"),
        (None, KEY, "no value"),
        (_with(type="innovationsmotor.other.v1"), KEY, "unknown type"),
        (b"{}", KEY, "no type"),
        (_with(data={"epoch": 1, "version": 0, "thing_id": str(uuid4())}), KEY, "does not fit the schema: .*version"),
        (_with(time="yesterday"), KEY, "does not fit the schema: .*time"),
        (value_of(GOOD), str(uuid4()).encode(), "wrong key"),
        (value_of(GOOD), KEY.upper(), "wrong key"),
        (value_of(GOOD), b"\xff", "wrong key"),
        (value_of(GOOD), None, "wrong key"),
    ],
)
def test_poison_becomes_a_reason(value: bytes | None, key: bytes | None, reason: str) -> None:
    poison = record(value, key=key, offset=7)
    poison.key = key
    [parked] = _codec().decode_records([poison])
    assert isinstance(parked, Parked)
    assert (parked.offset, parked.key, parked.value) == (7, key, value)
    assert re.match(reason, parked.reason), parked.reason


def test_a_header_that_is_not_utf_8_is_poison() -> None:
    [parked] = _codec().decode_records([record(GOOD, headers=[("content-type", b"\xff\xfe")])])
    assert isinstance(parked, Parked)
    assert parked.reason == "bad header: not UTF-8"


def test_an_empty_header_is_none_of_our_business() -> None:
    [received] = _codec().decode_records([record(GOOD, headers=[("x", None)])])
    assert isinstance(received, Received)


def test_reasons_do_not_quote_what_was_written() -> None:
    secret = "Anna Beispiel"
    for value in (secret.encode(), _with(type=secret), _with(time=secret), _with(data={"epoch": secret})):
        [parked] = _codec().decode_records([record(value, key=KEY)])
        assert isinstance(parked, Parked)
        assert secret not in parked.reason


def test_good_ones_among_poison_keep_their_order() -> None:
    events = [changed(uuid4(), 1), erased(uuid4(), 2)]
    records = [record(events[0]), record(b"no JSON", key=b"x"), record(events[1])]
    assert [type(one) for one in _codec().decode_records(records)] == [Received, Parked, Received]


def test_fields_that_this_release_does_not_know_are_ignored() -> None:
    value = _with(future=1, data=json.loads(value_of(GOOD))["data"] | {"future": [1]})
    [received] = _codec().decode_records([record(value, key=KEY)])
    assert isinstance(received, Received)
    assert received.event == GOOD


def test_heartbeats_are_left_out_but_nothing_that_only_looks_like_one() -> None:
    heartbeat = json.dumps({"type": HEARTBEAT}).encode()
    assert _codec().decode_records([record(heartbeat, key=b"heartbeat-3")]) == []
    for value in (b"no JSON", value_of(GOOD), None):
        [parked] = _codec().decode_records([record(value, key=b"heartbeat-3")])
        assert isinstance(parked, Parked)


def test_a_topic_with_one_type() -> None:
    codec = Codec("things", (ThingChanged,))
    good, other = codec.decode_records([record(GOOD), record(erased(uuid4(), 1))])
    assert isinstance(good, Received)
    assert isinstance(other, Parked)
