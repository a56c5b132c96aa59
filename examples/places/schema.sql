-- The capitals of the world, and what we know about each.
CREATE TABLE capitals (
  country TEXT NOT NULL,
  name TEXT NOT NULL,
  population INTEGER,
  lat REAL,
  lon REAL,
  visited INTEGER NOT NULL DEFAULT 0,
  note TEXT,
  PRIMARY KEY (country, name)
);
