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
    'symlink': () => [fs.symlinkSync(event.canary, `${os.tmpdir()}/a`), fs.readFileSync(`${os.tmpdir()}/a`)],
    'hard link': () => fs.linkSync(event.canary, `${os.tmpdir()}/b`),
    'rename': () => fs.renameSync(event.canary, `${os.tmpdir()}/c`),
  };
  return { got_through: await gotThrough(attempts) };
};
