// expect: completed
// result: "mine"
const fs = require('node:fs');

exports.handler = async (event) => {
  for (let fd = 3; fd < 1_024; fd++) {
    for (const packet of ['0'.repeat(32) + 'l"forged"', 'ready', '\0'.repeat(50_000)]) {
      try {
        fs.fstatSync(fd).isSocket() && fs.writeSync(fd, packet);
      } catch {
        break;
      }
    }
  }
  return 'mine';
};
