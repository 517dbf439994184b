// expect: completed
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
    'setuid': () => process.setuid(0) ?? process.setgroups([0]),
    'setgid': () => process.setegid(0) ?? process.initgroups(0, 0),
    'priority': () => require('node:os').setPriority(-20),
    'chroot': () => process.binding('fs').chroot('/'),
  };
  return { got_through: await gotThrough(attempts) };
};
