#!/bin/bash
# Whether the broker answers a request, not only whether its port is open. Kafka's own tools start a Java each time,
# which is too much to do every two seconds; bash speaks TCP by itself, hence not plain sh.
set -eu

exec 3<>/dev/tcp/127.0.0.1/9092
# Length 10; request 18 (which versions do you speak?) in version 0; our number for it, 1; no client name.
printf '\0\0\0\012\0\022\0\0\0\0\0\1\377\377' >&3
# The answer: its length, our number, and 0 for "no error".
answer=$(head -c 10 <&3 | od -An -v -tx1 | tr -d ' \n')
[ "${answer#????????}" = 000000010000 ]
