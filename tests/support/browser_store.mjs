// The store of crsqlite-wasm's databases in a browser.

/// To be run in a page: returns when what its databases have written so far is stored. They write behind, and a page
/// that is gone does that no more. A transaction begins when those are over that want the same. Theirs are cut off, and
/// another one is begun, where they take long: hence a second one.
export async function allStored() {
  const db = await new Promise((done, failed) => {
    const request = indexedDB.open('idb-batch-atomic');
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  for (let i = 0; i < 2; ++i) {
    await new Promise((done, failed) => {
      const transaction = db.transaction(db.objectStoreNames, 'readwrite', { durability: 'strict' });
      transaction.oncomplete = done;
      transaction.onabort = () => failed(transaction.error);
      transaction.objectStore('blocks').count();
    });
  }
  db.close();
}
