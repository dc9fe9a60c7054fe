#!/bin/sh
# Gives each service named on the command line a role and a database that no other role can connect to, and each role
# the password in its secret. It runs at every start: a secret that was made anew fits the old data again.
set -eu

sql() { psql --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1 --host /var/run/postgresql --username postgres "$@"; }

# Passwords go through the environment, which other processes cannot read, not through the command line.
PASSWORD=$(cat /run/secrets/postgres_password)
export PASSWORD
sql <<'END'
\getenv password PASSWORD
ALTER ROLE postgres PASSWORD :'password';
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
END

for name; do
    dsn=$(cat "/run/secrets/${name}_dsn")
    PASSWORD=${dsn#"postgresql://$name:"}
    PASSWORD=${PASSWORD%@postgres:5432/"$name"}
    if [ "$dsn" != "postgresql://$name:$PASSWORD@postgres:5432/$name" ]; then
        echo "The secret ${name}_dsn is not postgresql://$name:PASSWORD@postgres:5432/$name. Delete the file, then: make up" >&2
        exit 1
    fi
    sql --set name="$name" <<'END'
\getenv password PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE CONNECT, TEMPORARY ON DATABASE :"name" FROM PUBLIC;
END
    # Its authors do not mark it as trusted, so the owner of a database cannot install it.
    sql --dbname "$name" --command "SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS vector"
done
echo "The databases are there: $*"
