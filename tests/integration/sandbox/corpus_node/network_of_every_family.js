// expect: completed
const net = require('node:net');
const dgram = require('node:dgram');
const dns = require('node:dns/promises');

const connected = (options) =>
  new Promise((resolve, reject) => net.connect(options, resolve).on('error', reject));

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
    'tcp': () => connected({ host: '127.0.0.1', port: event.port }),
    'unix': () => connected({ path: event.unix }),
    'fetch': () => fetch(`http://127.0.0.1:${event.port}/`),
    'listen': () => new Promise((resolve, reject) => net.createServer().on('error', reject).listen(0, resolve)),
    'udp': () => new Promise((resolve, reject) => dgram.createSocket('udp4').on('error', reject).send('x', event.port, '127.0.0.1', (e) => (e ? reject(e) : resolve()))),
    'dns': () => dns.lookup('example.com'),
  };
  return { got_through: await gotThrough(attempts) };
};
