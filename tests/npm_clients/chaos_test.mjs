// The hub is killed at random while real vlcn clients write: nothing is lost, and nothing is there twice.
// REJOIN_CHAOS_SECONDS: for how long (10).
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Hub, sleep, tool, until } from './support.mjs';
import { Client } from './vlcn_clients.mjs';

const NAME = 'log.sql';
const SCHEMA = `CREATE TABLE log (id INTEGER PRIMARY KEY NOT NULL, who, what);
SELECT crsql_as_crr('log');`;
const seconds = Number(process.env.REJOIN_CHAOS_SECONDS ?? 10);

test(`${seconds} seconds of kills`, { timeout: (seconds + 120) * 1000 }, async () => {
  const hub = await new Hub({ [NAME]: SCHEMA }).start();
  const clients = [];
  for (let i = 0; i < 3; ++i) clients.push(await (await Client.open(NAME, SCHEMA)).connect(hub, 'r'));
  const end = Date.now() + seconds * 1000;
  let written = 0;
  const write = async (client, place) => {
    for (let i = 1; Date.now() < end; ++i) {
      await client.exec('INSERT INTO log VALUES (?, ?, ?)', [place * 1000000 + i, place, i]);
      ++written;
      if (i % 5 === 0) await client.exec('UPDATE log SET what = what + 0.5 WHERE id % 7 = ?', [i % 7]);
      if (i % 11 === 0) await client.exec('DELETE FROM log WHERE id = -?', [i]);
      await sleep(Math.random() * 60);
    }
  };
  const kill = async () => {
    let kills = 0;
    while (Date.now() < end) {
      await sleep(300 + Math.random() * 3000);
      await hub.stop('SIGKILL');
      ++kills;
      await sleep(Math.random() * 200);
      await hub.start();
    }
    return kills;
  };
  const [kills] = await Promise.all([kill(), ...clients.map(write)]);
  const all = 'SELECT * FROM log ORDER BY id';
  const counts = () => Promise.all(clients.map((client) => client.rows('SELECT count(*) FROM log')));
  const complete = async () => (await counts()).every((text) => text === `[[${written}]]`);
  await until(`${written} rows everywhere`, complete, 60000);
  await until('the same rows everywhere', async () => {
    const states = await Promise.all(clients.map((client) => client.rows(all)));
    return new Set(states).size === 1;
  }, 60000);
  assert.match(hub.sql('r', 'SELECT count(*) FROM log'), new RegExp(`\\b${written}\\b`));
  tool('check', hub.file('r'));
  console.log(`${kills} kills, ${written} rows`);
  await hub.stop();
});
