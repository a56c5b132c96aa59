-- Ordered lists on two sites: inserts and moves by the view and by -1 and 1, in either order of upgrade, and what they send.
CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list NOT NULL DEFAULT 1, ord, content);
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
SELECT crsql_as_crr('todo');
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120) INSERT INTO todo SELECT i, 1, 1, NULL FROM n;
WITH RECURSIVE n (i) AS (SELECT 201 UNION ALL SELECT i + 1 FROM n WHERE i < 320) INSERT INTO todo SELECT i, 1, -1, NULL FROM n;
UPDATE todo SET ord = 1 WHERE id % 7 = 0;
UPDATE todo SET ord = -1 WHERE id % 11 = 0;
INSERT INTO todo_fractindex (id, list, after_id) SELECT 1000 + id, 1, 5 FROM todo WHERE id BETWEEN 10 AND 60;
INSERT INTO todo_fractindex (id, list, after_id) SELECT 2000 + id, 1, 1999 + id FROM todo WHERE id BETWEEN 1 AND 40;
UPDATE todo_fractindex SET after_id = 9 WHERE id BETWEEN 20 AND 50;
UPDATE todo_fractindex SET after_id = id WHERE id BETWEEN 60 AND 63;
UPDATE todo_fractindex SET list = 2, after_id = NULL WHERE id BETWEEN 70 AND 73;
UPDATE todo_fractindex SET after_id = 71 WHERE id = 70;
UPDATE todo_fractindex SET after_id = 71 WHERE id = 80;
UPDATE todo_fractindex SET content = 'moved first, as after_id is NULL' WHERE id = 90;
DELETE FROM todo WHERE id BETWEEN 30 AND 34;
UPDATE todo SET ord = NULL WHERE id = 35;
INSERT INTO todo_fractindex (id, list, after_id) VALUES (3000, 1, 35), (3001, 1, 30);
INSERT INTO todo_fractindex (list, content, after_id) VALUES (1, 'a key of SQLite''s making', 5) RETURNING list, content;
BEGIN;
INSERT INTO todo_fractindex (id, list, after_id) VALUES (4000, 1, 5);
SAVEPOINT s;
UPDATE todo_fractindex SET after_id = 4000 WHERE id = 5;
ROLLBACK TO s;
COMMIT;
SELECT id, list, ord FROM todo ORDER BY list, ord, id;
-- Both sites put rows at one place, and then something after one of them.
.copy a b
.on b
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
INSERT INTO todo_fractindex (id, list, after_id) VALUES (5000, 1, 5);
UPDATE todo_fractindex SET after_id = 5 WHERE id = 12;
.on a
INSERT INTO todo_fractindex (id, list, after_id) VALUES (6000, 1, 5);
UPDATE todo_fractindex SET after_id = 9 WHERE id = 12;
.copy a b
.copy b a
INSERT INTO todo_fractindex (id, list, after_id) VALUES (6001, 1, 5000);
UPDATE todo_fractindex SET after_id = 6000 WHERE id = 13;
.copy a b
.on b
UPDATE todo_fractindex SET after_id = 6001 WHERE id = 14;
SELECT id, list, ord FROM todo ORDER BY list, ord, id;
.copy b a
-- Several rows at the first place of a list, and of two lists at once.
.fresh
.on a
CREATE TABLE w (a TEXT PRIMARY KEY NOT NULL, l, m, pos TEXT) WITHOUT ROWID;
SELECT crsql_as_crr('w');
INSERT INTO w VALUES (1, 1, 1, 'a '), (2, 1, 1, 'a '), (3, 1, 1, 'a '), (4, 1, 2, 'Z~'), (5, 2, 1, 'a ');
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'l', 'm', -1, 'a', 2);
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'l', -1, 'a', '3');
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 1, 'a', 5);
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'l', 'm', -1, 'a', 99);
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'nope', -1, 'a', 1);
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'l', 'm', -1, 'a', 'b', 1);
SELECT * FROM w;
-- What only Rejoin orders or keeps apart.
.fresh
.blind
CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord);
SELECT crsql_as_crr('todo');
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
INSERT INTO todo VALUES (1, 1, 1), (2, 1, 1);
UPDATE todo_fractindex SET id = 9, after_id = 2 WHERE id = 1;
.differs ordered-lists
.reference 1|'a ';2|'a!'
.rejoin 2|'a!';9|'a"'
SELECT id, ord FROM todo ORDER BY id;
CREATE TABLE r (id INTEGER PRIMARY KEY NOT NULL, ord) WITHOUT ROWID;
SELECT crsql_fract_as_ordered('r', 'ord');
.differs ordered-lists
.reference error: _rowid_
.rejoin
INSERT INTO r VALUES (1, 1);
CREATE TABLE c (a NOT NULL, b NOT NULL, ord, PRIMARY KEY (a, b));
SELECT crsql_fract_as_ordered('c', 'ord');
INSERT INTO c VALUES (1, 1, 'a '), (1, 2, 'a ');
.differs ordered-lists
.reference error: Failed fixing up ordering conflicts
.rejoin
INSERT INTO c_fractindex (a, b, after_a, after_b) VALUES (1, 3, 1, 1);
INSERT INTO crsql_changes VALUES ('todo', x'010914', 'ord', -1, 1, 100, x'11', 1, 0);
.differs ordered-lists
.reference 'text'
.rejoin 'integer'
SELECT typeof(ord) FROM todo WHERE id = 20;
