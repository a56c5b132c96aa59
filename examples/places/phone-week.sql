-- What the phone's owner did between Monday and Friday (make-phone.mjs runs this through the real cr-sqlite).

-- Been to Paris: another column of the row that the laptop corrects.
UPDATE capitals SET visited = 1 WHERE name = 'Paris';

-- A note on Lisbon, where the laptop writes one too.
UPDATE capitals SET note = 'Miradouro da Graça at sunset' WHERE name = 'Lisbon';

-- Not knowing that the laptop throws Grytviken (population 2) off the list.
UPDATE capitals SET note = 'whaling station, church, penguins' WHERE name = 'Grytviken';

-- Plymouth lies under volcanic ash since 1997; Brades does its work. The laptop adds Brades as well.
DELETE FROM capitals WHERE name = 'Plymouth';
INSERT INTO capitals (country, name, note) VALUES ('MS', 'Brades', 'ferry from Antigua');
