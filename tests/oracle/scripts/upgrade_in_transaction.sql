-- Upgrades inside the application's transaction.
CREATE TABLE t (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('t');
BEGIN;
CREATE TABLE u (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('u');
COMMIT;
INSERT INTO u VALUES (1, 1);
.blind
BEGIN;
INSERT INTO t VALUES (1, 1);
CREATE TABLE w (a INTEGER PRIMARY KEY NOT NULL, b);
SELECT crsql_as_crr('w');
.differs stale-columns
.reference error: table w not found
.rejoin
INSERT INTO w VALUES (1, 1);
COMMIT;
.fresh
.blind
BEGIN;
CREATE TABLE kept (a);
CREATE TABLE no_key (a);
.differs failing-upgrade
.reference error: no primary key
.rejoin error: no_key
SELECT crsql_as_crr('no_key');
.differs failing-upgrade
.reference 0
.rejoin 1
SELECT count(*) FROM sqlite_master WHERE name = 'kept';
