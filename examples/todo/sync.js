// Keeps the list in step with a room of a hub, while the switch is on, and says how that goes.

const TEXTS = {
  off: 'Sync is off – your edits are kept here',
  'no-hub': 'No hub – your edits are kept here',
  connecting: 'Connecting…',
  connected: 'Syncing…',
  synced: 'Synced',
  waiting: 'Offline – your edits are kept here',
  stopped: 'Sync has stopped – your edits are kept here',
};

// Each edit makes it sync for a moment; only what takes longer is worth telling.
const MOMENT = 600; // ms

/** Where to sync: what the server says, or, without a network, what it said last. `room` comes before its own. */
async function readConfig(key, room) {
  let config = JSON.parse(localStorage.getItem(key) ?? '{}');
  try {
    const response = await fetch('./config.json', { cache: 'no-store' });
    if (response.ok) {
      config = await response.json();
      localStorage.setItem(key, JSON.stringify(config));
    }
  } catch {
    // Offline: as it was.
  }
  return { hub: config.hub, room: room ?? config.room ?? 'todo' };
}

/** Runs `db`'s sync; `toggle` is the switch, `onState(state)` and `onText(text)` hear of changes. */
export async function startSync(db, device, { toggle, room, onState, onText }) {
  const key = `todo:${device}:sync`;
  const config = await readConfig('todo:config', room);
  let link;
  let told;
  let timer;

  function tell(state) {
    told = state;
    const reason = state === 'stopped' && link?.error ? ` (${link.error})` : '';
    onText(TEXTS[state] + reason);
  }

  function report(state) {
    clearTimeout(timer);
    onState(state);
    if (state === 'connected') timer = setTimeout(tell, MOMENT, state);
    // Offline it tries again every few seconds: that is no news until it comes through.
    else if (state !== 'connecting' || told !== 'waiting') tell(state);
  }

  function start() {
    link = db.sync(`${config.hub.replace(/\/+$/, '')}/${encodeURIComponent(config.room)}`);
    const current = link;
    link.onState((state) => {
      // The one before may still have something to say when it was switched off and on.
      if (current === link) report(state);
    });
    report(link.state);
  }

  function stop() {
    const last = link;
    link = undefined;
    last?.stop();
    report('off');
  }

  if (!config.hub) return report('no-hub');

  function obey() {
    toggle.checked = localStorage.getItem(key) !== 'off';
    if (!toggle.checked) stop();
    else if (!link) start();
  }

  toggle.disabled = false;
  toggle.addEventListener('change', () => {
    localStorage.setItem(key, toggle.checked ? 'on' : 'off');
    obey();
  });
  // The device's other windows sync the same database: the switch in one is that of all.
  addEventListener('storage', (event) => event.key === key && obey());
  obey();
}
