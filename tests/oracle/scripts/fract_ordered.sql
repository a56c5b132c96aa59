-- Ordered lists.
CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord, content);
SELECT crsql_as_crr('todo');
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
INSERT INTO todo VALUES (1, 1, -1, 'a');
INSERT INTO todo VALUES (2, 1, 1, 'b');
INSERT INTO todo VALUES (3, 1, 1, 'c');
INSERT INTO todo VALUES (4, 1, -1, 'd');
INSERT INTO todo VALUES (5, 2, 1, 'e');
INSERT INTO todo VALUES (6, 1, NULL, 'n');
SELECT * FROM todo_fractindex;
INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (7, 1, 'after1', 1);
INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (8, 1, 'first', NULL);
UPDATE todo_fractindex SET after_id = 3 WHERE id = 4;
UPDATE todo_fractindex SET after_id = NULL WHERE id = 3;
UPDATE todo SET ord = 1 WHERE id = 1;
UPDATE todo SET ord = -1 WHERE id = 1;
INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (9, 1, 'x', 99);
INSERT INTO todo VALUES (20, 1, 'a P', 'c1'), (21, 1, 'a P', 'c2'), (22, 1, 'a P', 'c3');
INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (23, 1, 'y', 20);
INSERT INTO todo_fractindex (id, list, content, after_id) VALUES (24, 1, 'y', 21);
SELECT * FROM todo ORDER BY list, ord, id;
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
SELECT crsql_fract_as_ordered('nope', 'ord', 'list');
SELECT crsql_fract_as_ordered('todo', 'nope');
SELECT crsql_fract_as_ordered('todo', 'ord', 'list', 'nope');
SELECT crsql_fract_as_ordered();
SELECT crsql_fract_as_ordered('todo');
CREATE TABLE w (a NOT NULL, b NOT NULL, l1, l2, pos, PRIMARY KEY (a, b));
SELECT crsql_fract_as_ordered('w', 'pos', 'l1', 'l2');
INSERT INTO w VALUES (1, 1, 'x', 'y', -1);
INSERT INTO w VALUES (1, 2, 'x', 'y', 1);
INSERT INTO w VALUES (1, 3, 'x', 'z', 1);
INSERT INTO w_fractindex (a, b, l1, l2, after_a, after_b) VALUES (1, 4, 'x', 'y', 1, 1);
CREATE TABLE v (a INTEGER PRIMARY KEY NOT NULL, pos);
SELECT crsql_fract_as_ordered('v', 'pos');
INSERT INTO v VALUES (1, -1), (2, 1), (3, 1);
INSERT INTO v_fractindex (a, after_a) VALUES (4, 1);
SELECT crsql_fract_fix_conflict_return_old_key();
SELECT crsql_fract_fix_conflict_return_old_key('w', 'pos', 'l1');
SELECT type, name, tbl_name FROM sqlite_master WHERE name LIKE '%fractindex%' AND name NOT LIKE '%todo%' ORDER BY 1, 2;
-- A call that fails has taken away what was there, in the reference.
.differs ordered-lists
.reference 1
.rejoin 5
SELECT count(*) FROM sqlite_master WHERE name LIKE '%todo_fractindex%';
-- Rows of no list.
.fresh
CREATE TABLE todo (id INTEGER PRIMARY KEY NOT NULL, list, ord);
SELECT crsql_fract_as_ordered('todo', 'ord', 'list');
.blind
INSERT INTO todo VALUES (1, NULL, 1);
INSERT INTO todo VALUES (2, NULL, 1);
.differs ordered-lists
.reference 'a ';'a '
.rejoin 'a ';'a!'
SELECT ord FROM todo ORDER BY id;
