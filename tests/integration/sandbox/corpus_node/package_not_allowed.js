// expect: package_rejected
// allowed: path
const path = require('node:path');
const fs = require('node:fs');

path.join('a');

exports.handler = async (event) => {
  return fs.existsSync('/');
};
