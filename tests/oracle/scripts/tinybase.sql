-- The statements that TinyBase's persisters send.
CREATE TABLE "T" ("_id" TEXT PRIMARY KEY NOT NULL, "c1", "c2");
SELECT crsql_as_crr('T');
BEGIN;
INSERT INTO"T"("_id","c1","c2")VALUES('r1',1,'x'),('r2',2,'y')ON CONFLICT("_id")DO UPDATE SET"c1"=excluded."c1","c2"=excluded."c2";
DELETE FROM"T"WHERE(true)AND"_id"NOT IN('r1','r2');
END;
INSERT INTO"T"("_id","c1")VALUES('r1',1)ON CONFLICT("_id")DO UPDATE SET"c1"=excluded."c1";
INSERT INTO"T"("_id","c1")VALUES('r1',3)ON CONFLICT("_id")DO UPDATE SET"c1"=excluded."c1";
DELETE FROM"T"WHERE(true)AND("_id"='r2');
SELECT*FROM"T"WHERE(true);
DELETE FROM"T"WHERE(true);
SELECT t.name tn,c.name cn,c.pk OR EXISTS(SELECT 1 FROM pragma_index_list(t.name)i,pragma_index_info(i.name)ii WHERE i."unique"=1
  AND ii.name=c.name AND(SELECT count(*) FROM pragma_index_info(i.name))=1)uq FROM pragma_table_list()t,pragma_table_info(t.name)c
  WHERE t.schema='main'AND t.type IN('table','view')AND t.name IN('T')ORDER BY t.name,c.name;
.copy a b
