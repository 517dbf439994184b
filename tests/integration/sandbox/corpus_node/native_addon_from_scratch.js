// expect: exception
const fs = require('node:fs');
const os = require('node:os');

exports.handler = async (event) => {
  const file = `${os.tmpdir()}/addon.node`;
  fs.writeFileSync(file, Buffer.from('7f454c46', 'hex'));
  process.dlopen({ exports: {} }, file);
};
