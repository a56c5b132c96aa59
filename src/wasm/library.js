// What the module imports: each call goes to glue.js, which knows the objects that are behind the numbers.
const names = ['vfsOpen', 'vfsDelete', 'vfsAccess', 'vfsClose', 'vfsRead', 'vfsWrite', 'vfsTruncate', 'vfsSync',
  'vfsFileSize', 'vfsLock', 'vfsUnlock', 'vfsCheckReservedLock', 'vfsFileControl', 'vfsSectorSize',
  'vfsDeviceCharacteristics', 'jsRandom', 'jsNow', 'jsFunction', 'jsStep', 'jsFinal', 'jsUpdateHook', 'jsRollbackHook',
  'jsAuthorize', 'jsProgress'];
const parameters = { vfsOpen: 5, vfsDelete: 3, vfsAccess: 4, vfsRead: 4, vfsWrite: 4, vfsFileControl: 3, jsNow: 0,
  vfsClose: 1, vfsSectorSize: 1, vfsDeviceCharacteristics: 1, jsFunction: 4, jsStep: 4, jsUpdateHook: 5,
  jsRollbackHook: 1, jsAuthorize: 6, jsProgress: 1 };
const library = {};
for (const name of names) {
  const list = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, parameters[name] ?? 2).join(', ');
  library[name] = new Function(`return function(${list}) { return Module['imports'].${name}(${list}); }`)();
}
mergeInto(LibraryManager.library, library);
