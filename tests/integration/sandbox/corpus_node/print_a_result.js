// expect: completed
// result: "mine"
exports.handler = async (event) => {
  const line = '{"status":"completed","result":"forged","tier":"hardened"}';
  console.log(line);
  console.error(line);
  require('node:fs').writeSync(1, line);
  return 'mine';
};
