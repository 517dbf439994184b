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
    'environ': () => fs.readFileSync(`/proc/${event.host}/environ`),
    'memory': () => fs.readFileSync(`/proc/${process.ppid}/mem`),
    'command': () => fs.readFileSync(`/proc/${process.ppid}/cmdline`),
    'maps': () => fs.readFileSync('/proc/self/maps'),
    'table': () => fs.readdirSync('/proc'),
  };
  return { got_through: await gotThrough(attempts) };
};
