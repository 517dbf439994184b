// expect: completed
const fs = require('node:fs');
const os = require('node:os');

async function gotThrough(attempts) {
  const found = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      found.push(name);
    } catch {}
  }
  return found;
}

exports.handler = async (event) => {
  const attempts = {
    'file': () => fs.writeFileSync(`${event.outside}/new`, 'x'),
    'append': () => fs.appendFileSync(event.canary, 'x'),
    'truncate': () => fs.truncateSync(event.canary),
    'folder': () => fs.mkdirSync(`${event.outside}/d`),
    'unlink': () => fs.unlinkSync(event.canary),
    'own code': () => fs.appendFileSync(__filename, 'x'),
    'runner': () => fs.appendFileSync(require.main?.filename ?? process.argv[1], 'x'),
    'shm': () => fs.writeFileSync('/dev/shm/tieline-left-behind', 'x'),
    'tmp': () => fs.writeFileSync('/tmp/tieline-left-behind', 'x'),
    'set user id': () => fs.chmodSync(os.tmpdir(), 0o4777),
  };
  return { got_through: await gotThrough(attempts) };
};
