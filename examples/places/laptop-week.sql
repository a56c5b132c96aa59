-- What the laptop's owner did between Monday and Friday.

-- A fresh census: another column of the row that the phone marks as visited.
UPDATE capitals SET population = 2102650 WHERE name = 'Paris';

-- A note on Lisbon, where the phone writes one too.
UPDATE capitals SET note = 'Take tram 28 before nine' WHERE name = 'Lisbon';

-- A capital with two inhabitants? Off the list, not knowing that the phone writes a note about it.
DELETE FROM capitals WHERE name = 'Grytviken';

-- Brades, which the phone adds as well: the one knows how many live there, the other how to get there.
INSERT INTO capitals (country, name, population, lat, lon) VALUES ('MS', 'Brades', 1000, 16.79183, -62.21058);

-- Kazakhstan's capital has its old name back since 2022. The name is part of the row's key.
UPDATE capitals SET name = 'Astana', note = 'Nur-Sultan from 2019 to 2022' WHERE country = 'KZ';
